import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, suite, test } from 'node:test'
import type { Log } from '@gatehouse/observe/log.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { profileEraser } from './erase-profile.ts'
import type { Erasures } from './ports.ts'
import { memoryFeed, type MemoryFeed } from './testing/memory-feed.ts'
import { memoryStores } from './testing/memory-stores.ts'
import { openSqlStores } from './testing/sql-stores.ts'

const openers = {
  memory: async () => {
    const stores = memoryStores()
    return { first: stores, second: stores, close: async () => {} }
  },
  sqlite: () => openSqlStores('sqlite'),
}

for (const [name, open] of Object.entries(openers)) {
  suite(`the profiles of deleted accounts, ${name}`, () => {
    let stores: Awaited<ReturnType<typeof open>>
    let running: (() => Promise<void>)[] = []
    const warnings: string[] = []
    const log: Log = {
      debug: () => {},
      info: () => {},
      warn: (_event, message) => warnings.push(message),
      error: () => {},
    }

    before(async () => {
      stores = await open()
    })
    afterEach(async () => {
      await Promise.all(running.map((stop) => stop()))
      running = []
    })
    after(() => stores.close())

    /** A follower on a feed that begins where this store's cursor stands. */
    const startEraser = (feed: MemoryFeed, erasures: Erasures = stores.first.erasures) => {
      const eraser = profileEraser({ feed, erasures, clock: movableClock(), log, random: () => 0 })
      eraser.start()
      running.push(eraser.stop)
      return eraser
    }
    const feedAtCursor = async (): Promise<MemoryFeed> => {
      const feed = memoryFeed()
      for (let place = await stores.first.erasures.cursor(); place > 0; place -= 1) {
        feed.append({ type: 'user.registered', user_id: randomUUID() })
      }
      return feed
    }
    const withProfile = async (): Promise<string> => {
      const user = randomUUID()
      await stores.first.profiles.write(user, { bio: 'private' })
      return user
    }
    const cursorAt = (place: number) =>
      waitFor(async () => (await stores.second.erasures.cursor()) === place, { what: `cursor ${place}` })

    test('a deletion erases that profile and no other, and the cursor stands behind it', async () => {
      const feed = await feedAtCursor()
      const [deleted, other] = [await withProfile(), await withProfile()]
      startEraser(feed)
      await cursorAt(feed.append({ type: 'user.deleted', user_id: deleted, until: 0 }))
      assert.equal(await stores.second.profiles.find(deleted), undefined)
      assert.equal(await stores.second.profiles.write(deleted, {}), 'erased')
      assert.equal((await stores.second.profiles.find(other))?.bio, 'private')
    })

    test('no other event touches a profile', async () => {
      const feed = await feedAtCursor()
      const [user, last] = [await withProfile(), await withProfile()]
      startEraser(feed)
      feed.append({ type: 'user.registered', user_id: user })
      feed.append({ type: 'user.epoch-raised', user_id: user, epoch: 1, until: 0 })
      feed.append({ type: 'session.ended', user_id: user, session_id: randomUUID(), until: 0 })
      await cursorAt(feed.append({ type: 'user.deleted', user_id: last, until: 0 }))
      assert.equal((await stores.first.profiles.find(user))?.bio, 'private')
    })

    test('what was deleted while nobody followed is erased at the next start', async () => {
      const feed = await feedAtCursor()
      const users = [await withProfile(), await withProfile(), await withProfile()]
      const first = startEraser(feed)
      await cursorAt(feed.append({ type: 'user.deleted', user_id: users[0] ?? '', until: 0 }))
      await first.stop()
      assert.equal(feed.followers(), 0)
      const places = users.slice(1).map((user_id) => feed.append({ type: 'user.deleted', user_id, until: 0 }))
      startEraser(feed)
      await cursorAt(places.at(-1) ?? 0)
      for (const user of users) assert.equal(await stores.first.profiles.find(user), undefined)
    })

    test('an erasure that fails is tried again, and the cursor does not pass it', async () => {
      const feed = await feedAtCursor()
      const [user, next] = [await withProfile(), await withProfile()]
      const { erasures } = stores.first
      const before = await erasures.cursor()
      const cursors: number[] = []
      const failing: Erasures = {
        ...erasures,
        erase: async (userId, resume) => {
          cursors.push(await erasures.cursor())
          if (cursors.length <= 2) throw new Error('the database is away')
          await erasures.erase(userId, resume)
        },
      }
      startEraser(feed, failing)
      feed.append({ type: 'user.deleted', user_id: user, until: 0 })
      await cursorAt(feed.append({ type: 'user.deleted', user_id: next, until: 0 }))
      assert.deepEqual(cursors.slice(0, 3), [before, before, before])
      assert.ok(warnings.length >= 2)
      for (const erased of [user, next]) assert.equal(await stores.first.profiles.find(erased), undefined)
    })

    test('two replicas that follow the same feed, with every line sent twice, do it as one', async () => {
      const feed = await feedAtCursor()
      const users = await Promise.all(Array.from({ length: 10 }, withProfile))
      startEraser(feed)
      startEraser(feed, stores.second.erasures)
      const places = users.map((user_id) => {
        const place = feed.append({ type: 'user.deleted', user_id, until: 0 })
        feed.repeat()
        return place
      })
      await cursorAt(places.at(-1) ?? 0)
      for (const user of users) {
        await waitFor(async () => (await stores.first.profiles.find(user)) === undefined, { what: 'the erasure' })
      }
    })
  })
}
