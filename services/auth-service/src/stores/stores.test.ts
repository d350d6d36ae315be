import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { AccountEvent } from '@gatehouse/contract/events.ts'
import { isUnavailable } from '@gatehouse/sql/failures.ts'
import { migrate, pendingMigrations } from '@gatehouse/sql/migrate.ts'
import { freshMysqlDatabase } from '@gatehouse/testing/mysql.ts'
import { authMigrations } from '../migrations/migrations.ts'
import type { NewAccount, NewSigningKey } from '../ports.ts'
import { authWorld, type AuthWorld } from '../testing/auth-world.ts'
import { eventLog } from './event-log.ts'
import { signingKeys } from './signing-keys.ts'

type Given = { readonly url: string; readonly drop: () => Promise<void> }

const storesSuite = (dialect: string, given: () => Promise<Given>): void => {
  suite(`the stores of auth-service on ${dialect}`, () => {
    let world: AuthWorld
    let drop: () => Promise<void>
    before(async () => {
      const database = await given()
      drop = database.drop
      world = await authWorld(database.url)
    })
    after(async () => {
      await world.close()
      await drop()
    })

    const account = (name: string): NewAccount => ({
      id: world.ids.uuidv7(),
      publicId: world.ids.uuidv4(),
      username: { shown: name, key: name },
      email: { shown: `${name}@example.com`, key: `${name}@example.com` },
      passwordHash: 'hash',
    })
    const opened = async (name: string): Promise<NewAccount> => {
      const made = account(name)
      assert.equal(await world.accounts.create(made), 'created')
      return made
    }
    const started = async ({ id: accountId }: { readonly id: string }): Promise<string> => {
      const id = world.ids.uuidv7()
      const now = world.clock.now()
      const session = {
        id,
        accountId,
        address: '::1',
        userAgent: undefined,
        expiresAt: now + 60_000,
        tokenExpiresAt: now + 30_000,
        epoch: 0,
        refreshHash: 'hash-1',
      }
      assert.equal(await world.sessions.start(session), true)
      return id
    }
    const log = (clock: Clock = world.clock) => eventLog({ database: world.database, clock, committed: () => {} })

    test('an account is found by its keys, byte by byte', async () => {
      const { id, publicId } = await opened('zoë')
      const found = { id, publicId, passwordHash: 'hash', epoch: 0 }
      assert.deepEqual(await world.accounts.findByUsername('zoë'), found)
      assert.deepEqual(await world.accounts.findByEmail('zoë@example.com'), found)
      for (const other of ['zoe', 'ZOË', 'zoe\u0308'])
        assert.equal(await world.accounts.findByUsername(other), undefined)
    })

    test('a name that is taken is told from an address that is', async () => {
      const ada = await opened('ada')
      assert.equal(await world.accounts.create({ ...account('eve'), username: ada.username }), 'username-taken')
      assert.equal(await world.accounts.create({ ...account('eve'), email: ada.email }), 'email-taken')
      assert.equal(
        await world.accounts.create({ ...account('eve'), username: ada.username, email: ada.email }),
        'username-taken',
      )
      assert.equal(await world.accounts.findByUsername('eve'), undefined)
    })

    test('an upgraded hash does not undo a password that was changed meanwhile', async () => {
      const { id } = await opened('mia')
      await world.accounts.upgradeHash(id, 'hash', 'better')
      await world.accounts.upgradeHash(id, 'hash', 'late')
      assert.equal((await world.accounts.findByUsername('mia'))?.passwordHash, 'better')
    })

    test('a session stands as it was started until it is ended, once', async () => {
      const ben = await opened('ben')
      const id = await started(ben)
      const expiresAt = world.clock.now() + 60_000
      const standing = {
        accountId: ben.id,
        publicId: ben.publicId,
        epoch: 0,
        ended: false,
        expiresAt,
        lastSeenAt: world.clock.now(),
      }
      assert.deepEqual(await world.sessions.standing(id), standing)
      assert.deepEqual(
        await Promise.all([world.sessions.end(id), world.sessions.end(id)]).then((ends) => ends.toSorted()),
        [false, true],
      )
      assert.deepEqual(await world.sessions.standing(id), { ...standing, ended: true })
      assert.equal(await world.sessions.standing('none'), undefined)
      assert.equal(await world.sessions.end('none'), false)
    })

    test('no session starts for an account that is gone', async () => {
      const session = {
        id: 'x',
        accountId: 'gone',
        address: '::1',
        userAgent: 'a',
        expiresAt: 1,
        tokenExpiresAt: 1,
        epoch: 0,
        refreshHash: 'h',
      }
      assert.equal(await world.sessions.start(session), false)
    })

    test('a deletion takes the sessions along and is in the log as long as a token may live', async () => {
      const { id, publicId } = await opened('cleo')
      const session = await started({ id })
      assert.equal(await world.accounts.delete(id), true)
      assert.equal(await world.accounts.delete(id), false)
      assert.equal(await world.sessions.standing(session), undefined)
      const event = world.committed.at(-1)
      assert.ok(event?.type === 'user.deleted' && event.user_id === publicId)
      assert.equal(event.until, world.clock.now() + 86_400_000)
    })

    test('what is rolled back is not in the log, and nobody hears of it', async () => {
      const heard: unknown[] = []
      const mine = eventLog({ database: world.database, clock: world.clock, committed: (events) => heard.push(events) })
      const last = await mine.last()
      const fails = mine.recording(async (_trx, record) => {
        await record({ type: 'user.registered', user_id: 'u' })
        throw new Error('no')
      })
      await assert.rejects(fails, /no/)
      assert.deepEqual(await mine.readAfter(last, 10), [])
      assert.deepEqual(heard, [])
    })

    test('what is committed is told in the form in which it is read, whatever its type', async () => {
      const heard: AccountEvent[] = []
      const mine = eventLog({
        database: world.database,
        clock: world.clock,
        committed: (events) => heard.push(...events),
      })
      const last = await mine.last()
      const until = world.clock.now() + 1000
      await mine.recording(async (_trx, record) => {
        await record({ type: 'user.registered', user_id: 'u' })
        await record({ type: 'session.ended', user_id: 'u', session_id: 's', until })
        await record({ type: 'user.epoch-raised', user_id: 'u', epoch: 3, until })
        await record({ type: 'user.deleted', user_id: 'u', until })
      })
      assert.deepEqual(await mine.readAfter(last, 10), heard)
      assert.equal((await mine.readAfter(last, 2)).length, 2)
      assert.equal(await mine.last(), heard.at(-1)?.seq)
      assert.deepEqual(
        (await mine.readInForce(last, 10)).map(({ type }) => type),
        ['session.ended', 'user.epoch-raised', 'user.deleted'],
      )
      const later = { ...world.clock, now: () => until }
      assert.deepEqual(await log(later).readInForce(last, 10), [])
    })

    test('an event of a newer release stops the reader instead of being passed over', async () => {
      const row = { at: 1, type: 'user.frozen', user_id: 'u', session_id: null, epoch: null, until: null }
      await world.database.query.insertInto('events').values(row).execute()
      await assert.rejects(log().readAfter(0, 1000), /does not know: user\.frozen/)
      await world.database.query.deleteFrom('events').where('type', '=', 'user.frozen').execute()
    })

    test('a place for a signing key is taken once', async () => {
      const store = signingKeys(world.database, world.clock)
      const key = { kid: 'k3', publicJwk: { kty: 'EC' }, sealedPrivateKey: 'sealed' }
      assert.equal(await store.add({ ...key, state: 'current' }), 'place-taken')
      assert.equal(await store.add({ ...key, state: 'retired' }), 'added')
      assert.equal(await store.add({ ...key, kid: 'k4', state: 'retired' }), 'added')
      assert.deepEqual((await store.list()).map(({ state }) => state).toSorted(), [
        'current',
        'next',
        'retired',
        'retired',
      ])
    })

    suite('a rotation of the signing keys', () => {
      const store = () => signingKeys(world.database, world.clock)
      const nextKey = (kid: string): NewSigningKey => ({
        kid,
        state: 'next',
        publicJwk: { kty: 'EC', x: kid },
        sealedPrivateKey: `sealed ${kid}`,
      })
      const inPlace = async () => {
        const keys = await store().list()
        const kid = (place: string) => keys.find(({ state }) => state === place)?.kid ?? assert.fail(place)
        return { current: kid('current'), next: kid('next') }
      }

      test('retires the current key, lets the next one sign and keeps a new next one', async () => {
        const before = await inPlace()
        world.clock.advance(1000)
        assert.equal(await store().rotate(before.current, nextKey('made-1')), true)
        assert.deepEqual(await inPlace(), { current: before.next, next: 'made-1' })
        const keys = new Map((await store().list()).map((key) => [key.kid, key]))
        assert.equal(keys.get(before.current)?.state, 'retired')
        assert.equal(keys.get(before.next)?.activatedAt, world.clock.now())
        const { publicJwk, sealedPrivateKey, activatedAt, createdAt } = keys.get('made-1') ?? assert.fail()
        assert.deepEqual(
          [publicJwk, sealedPrivateKey, activatedAt, createdAt],
          [{ kty: 'EC', x: 'made-1' }, 'sealed made-1', undefined, world.clock.now()],
        )
      })

      test('is done once, however many want the same at once', async () => {
        const { current, next } = await inPlace()
        const made = Array.from({ length: 5 }, (_, n) => nextKey(`made-at-once-${n}`))
        const done = await Promise.all(made.map((key) => store().rotate(current, key)))
        assert.equal(done.filter(Boolean).length, 1)
        const after = await inPlace()
        assert.deepEqual(after, { current: next, next: made[done.indexOf(true)]?.kid })
      })

      test('does nothing for a key that is not current, and nothing by halves', async () => {
        const before = await store().list()
        const { next } = await inPlace()
        for (const kid of [next, 'made-1-unknown']) assert.equal(await store().rotate(kid, nextKey('made-2')), false)
        // The new key has the name of one that is there: the insertion fails, after the places were changed.
        await assert.rejects(store().rotate((await inPlace()).current, nextKey(next)))
        assert.deepEqual(await store().list(), before)
      })

      test('leaves a key that alone can be removed: not the current, not the next, not one that is gone', async () => {
        const { current, next } = await inPlace()
        assert.equal(await store().rotate(current, nextKey('made-3')), true)
        assert.deepEqual(
          [await store().remove(next), await store().remove('made-3'), await store().remove('unknown')],
          [false, false, false],
        )
        assert.deepEqual([await store().remove(current), await store().remove(current)], [true, false])
        assert.ok(!(await store().list()).some(({ kid }) => kid === current))
        assert.deepEqual(await inPlace(), { current: next, next: 'made-3' })
      })
    })

    test('a second migration finds nothing to do', async () => {
      assert.deepEqual(await migrate(world.database, authMigrations), [])
      assert.deepEqual(await pendingMigrations(world.database, authMigrations), [])
    })

    test('a database that is closed is unavailable, and nothing is told', async () => {
      const gone = await authWorld((await given()).url)
      const before = gone.committed.length
      await gone.close()
      await assert.rejects(
        gone.accounts.create(account('late')),
        (error) => isUnavailable(error) || error instanceof Error,
      )
      assert.equal(gone.committed.length, before)
    })
  })
}

storesSuite('sqlite', async () => ({ url: 'sqlite://:memory:', drop: async () => {} }))
storesSuite('mysql', freshMysqlDatabase)
