import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { profileLimits } from '@gatehouse/contract/users.ts'
import type { Profile } from '../ports.ts'
import type { Stores } from './sql-stores.ts'
import { storesModel } from './stores-model.ts'

type Opened = { readonly first: Stores; readonly second: Stores; readonly close: () => Promise<void> }

/**
 * What every adapter of `Profiles` and `Erasures` keeps. `open` gives two views of one empty store, as two replicas
 * have.
 */
export const storesSuite = (name: string, open: () => Promise<Opened>, { modelRuns }: { modelRuns: number }): void => {
  suite(`profiles and erasures, ${name}`, () => {
    let stores: Opened
    before(async () => {
      stores = await open()
    })
    after(() => stores.close())

    test('the cursor begins at 0 and never goes back, whoever moves it', async () => {
      const { first, second } = stores
      assert.equal(await first.erasures.cursor(), 0)
      await Promise.all([first.erasures.advance(3), second.erasures.advance(5), first.erasures.advance(4)])
      assert.equal(await first.erasures.cursor(), 5)
      await second.erasures.advance(2)
      await second.erasures.erase(randomUUID(), 1)
      assert.equal(await first.erasures.cursor(), 5)
      await second.erasures.erase(randomUUID(), 6)
      assert.equal(await first.erasures.cursor(), 6)
    })

    test('nobody has a profile before the first write, which makes it whatever it says', async () => {
      const rows: readonly (readonly [Partial<Profile>, Profile])[] = [
        [{}, { bio: '', avatar: null, preferences: {} }],
        [{ bio: 'Hello' }, { bio: 'Hello', avatar: null, preferences: {} }],
        [{ avatar: 'https://pictures.example/1' }, { bio: '', avatar: 'https://pictures.example/1', preferences: {} }],
        [{ preferences: { theme: 'dark' } }, { bio: '', avatar: null, preferences: { theme: 'dark' } }],
      ]
      for (const [changes, profile] of rows) {
        const user = randomUUID()
        assert.equal(await stores.first.profiles.find(user), undefined)
        assert.equal(await stores.first.profiles.write(user, changes), 'written')
        assert.deepEqual(await stores.second.profiles.find(user), profile)
      }
    })

    test('a read after an acknowledged write sees it, on the other replica, whatever reads are under way', async () => {
      const { first, second } = stores
      const user = randomUUID()
      let isOver = false
      const readAllTheTime = async (): Promise<void> => {
        while (!isOver) {
          await Promise.all([first.profiles.find(user), second.profiles.find(user)])
          // As requests come: not all of them in one turn of the event loop, at whose end the writes are committed.
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
      const readers = [readAllTheTime(), readAllTheTime(), readAllTheTime(), readAllTheTime()]
      try {
        for (let round = 0; round < 200; round += 1) {
          await first.profiles.write(user, { bio: `${round}` })
          assert.equal((await second.profiles.find(user))?.bio, `${round}`)
        }
      } finally {
        isOver = true
        await Promise.all(readers)
      }
    })

    test('only what is given changes, and preferences change as a whole', async () => {
      const user = randomUUID()
      const { write, find } = stores.first.profiles
      await write(user, { bio: 'a', avatar: 'b', preferences: { c: 1, d: 2 } })
      await write(user, { bio: '' })
      assert.deepEqual(await find(user), { bio: '', avatar: 'b', preferences: { c: 1, d: 2 } })
      await write(user, { preferences: { d: 3 } })
      assert.deepEqual(await find(user), { bio: '', avatar: 'b', preferences: { d: 3 } })
      await write(user, { avatar: null })
      assert.deepEqual(await find(user), { bio: '', avatar: null, preferences: { d: 3 } })
    })

    test('a write that changes nothing has been written, not mistaken for a missing row', async () => {
      const user = randomUUID()
      const { write } = stores.first.profiles
      for (const changes of [{ bio: 'same' }, { bio: 'same' }, {}, {}])
        assert.equal(await write(user, changes), 'written')
    })

    test('every text comes back as it was sent, at the limits too', async () => {
      const texts = ['\u{1f600} \u00e9 e\u0301 \u6f22', `'";--\\%_\`$1 ?`, ' \t\r\n ', '\u{10ffff}\ufffd\u202e']
      const largest = JSON.stringify({ p: '' }).length
      const profiles: Profile[] = [
        ...texts.map((text) => ({ bio: text, avatar: text, preferences: { [text]: [text, 1.5, true, null, {}] } })),
        {
          bio: '\u{1f600}'.repeat(profileLimits.bioMax),
          avatar: '\u{1f600}'.repeat(profileLimits.avatarMax),
          preferences: { p: 'x'.repeat(profileLimits.preferencesBytesMax - largest) },
        },
      ]
      for (const profile of profiles) {
        const user = randomUUID()
        await stores.first.profiles.write(user, profile)
        assert.deepEqual(await stores.second.profiles.find(user), profile)
      }
    })

    test('ids that differ in case or a trailing space are different users', async () => {
      const user = randomUUID().slice(0, 30)
      await stores.first.profiles.write(`${user}-a`, { bio: 'small' })
      await stores.first.profiles.write(`${user}-A`, { bio: 'capital' })
      await stores.first.erasures.erase(`${user}-b`, 7)
      assert.deepEqual((await stores.first.profiles.find(`${user}-a`))?.bio, 'small')
      assert.deepEqual((await stores.first.profiles.find(`${user}-A`))?.bio, 'capital')
      assert.equal(await stores.first.profiles.write(`${user}-B`, {}), 'written')
    })

    test('two first writes of different members at once both land', async () => {
      const { first, second } = stores
      for (let round = 0; round < 20; round += 1) {
        const user = randomUUID()
        const outcomes = await Promise.all([
          first.profiles.write(user, { bio: 'from one' }),
          second.profiles.write(user, { avatar: 'from the other' }),
          first.profiles.write(user, { preferences: { from: 'a third' } }),
        ])
        assert.deepEqual(outcomes, ['written', 'written', 'written'])
        assert.deepEqual(await second.profiles.find(user), {
          bio: 'from one',
          avatar: 'from the other',
          preferences: { from: 'a third' },
        })
      }
    })

    test('an erased profile is gone and does not come back, written before or never', async () => {
      const { first, second } = stores
      const [written, never, other] = [randomUUID(), randomUUID(), randomUUID()]
      await first.profiles.write(written, { bio: 'private' })
      await first.profiles.write(other, { bio: 'stays' })
      for (const user of [written, never]) {
        await first.erasures.erase(user, 8)
        await second.erasures.erase(user, 8)
        assert.equal(await second.profiles.find(user), undefined)
        assert.equal(await second.profiles.write(user, { bio: 'again' }), 'erased')
        assert.equal(await second.profiles.write(user, {}), 'erased')
        assert.equal(await first.profiles.find(user), undefined)
      }
      assert.equal((await first.profiles.find(other))?.bio, 'stays')
    })

    test('writes that run beside the erasure, on both replicas, leave nothing behind', async () => {
      const { first, second } = stores
      for (let round = 0; round < 20; round += 1) {
        const user = randomUUID()
        if (round % 2 === 0) await first.profiles.write(user, { bio: 'before' })
        const writes = [first, second, first, second].map(({ profiles }) => profiles.write(user, { bio: 'beside' }))
        const erasing = [first.erasures.erase(user, 9 + round), second.erasures.erase(user, 9 + round)]
        const later = [second, first].map(({ profiles }) => profiles.write(user, { avatar: 'beside' }))
        await Promise.all([...writes, ...erasing, ...later])
        assert.equal(await first.profiles.find(user), undefined)
        assert.equal(await second.profiles.write(user, { bio: 'after' }), 'erased')
        assert.equal(await second.erasures.cursor(), 9 + round)
      }
    })

    test('whatever is done in whatever order, a profile is what its writes say until it is erased', async () => {
      await storesModel([stores.first, stores.second], modelRuns)
    })
  })
}
