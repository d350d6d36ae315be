import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { keySeal } from './key-seal.ts'
import { openKeyring } from './keyring.ts'
import { signingKeys } from './stores/signing-keys.ts'
import { keyGraceMs, sweepOnce } from './stores/sweep.ts'
import { authWorld, type AuthWorld } from './testing/auth-world.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

const dayMs = 86_400_000

/** What the world's keys are sealed under. */
const secret = '0123456789abcdef0123456789abcdef'

let world: AuthWorld
beforeEach(async () => {
  world = await authWorld()
})
afterEach(() => world.close())

test('of processes that start at once all end up with the same two keys', async () => {
  await world.database.query.deleteFrom('signing_keys').execute()
  const open = () =>
    openKeyring({
      store: signingKeys(world.database, world.clock),
      seal: keySeal('a secret of thirty-two bytes ....', randomBytes),
      log: silent,
      clock: world.clock,
    })
  const rings = await Promise.all([open(), open(), open()])
  const kids = rings.map((ring) =>
    ring
      .publicKeys()
      .map(({ kid = '' }) => kid)
      .toSorted((a, b) => a.localeCompare(b)),
  )
  assert.equal(kids[0]?.length, 2)
  assert.deepEqual(kids[1], kids[0])
  assert.deepEqual(kids[2], kids[0])
  assert.equal(new Set(rings.map((ring) => ring.signingKey().kid)).size, 1)
  rings.forEach((ring) => ring.stop())
})

test('a key that has signed for 90 days is replaced by the next, by one of many, and verifies what it has signed', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const told: string[] = []
  let looks = 0
  const opened = async () => {
    const store = signingKeys(world.database, world.clock)
    const counted = { ...store, list: () => ((looks += 1), store.list()) }
    const log = { ...silent, info: (_event: object, text: string) => void told.push(text) }
    const ring = await openKeyring({ store: counted, seal: keySeal(secret, randomBytes), log, clock: world.clock })
    t.after(ring.stop)
    return ring
  }
  const rings = [await opened(), await opened()]
  /** Lets every ring look again, and waits until each of them has. */
  const refresh = async (looksOfEach: number): Promise<void> => {
    const before = looks
    t.mock.timers.tick(15_000)
    await waitFor(() => looks >= before + rings.length * looksOfEach, { what: 'the rings to look again' })
  }
  const signing = () => rings.map((ring) => ring.signingKey().kid)
  const [first = ''] = signing()
  const next = world.keyring.publicKeys().find(({ kid }) => kid !== first)?.kid

  world.clock.advance(90 * dayMs - 1)
  await refresh(1)
  assert.deepEqual([signing(), told], [[first, first], []])

  world.clock.advance(1)
  await refresh(2)
  await waitFor(() => signing().every((kid) => kid === next), { what: 'the next key to sign' })
  assert.deepEqual(told, ['signing key rotated'])
  for (const ring of rings) {
    assert.ok(ring.find(first) !== undefined)
    assert.ok(ring.publicKeys().some(({ kid }) => kid === first))
    assert.equal(ring.publicKeys().length, 3)
  }

  // Until the last token that it can have signed has expired: a day, and an hour for replicas that were late.
  const sweep = () => sweepOnce({ database: world.database, clock: world.clock, accessTokenTtlMs: dayMs })
  world.clock.advance(dayMs + keyGraceMs)
  await sweep()
  await refresh(1)
  assert.ok(rings.every((ring) => ring.has(first)))
  world.clock.advance(1)
  await sweep()
  await refresh(1)
  await waitFor(() => rings.every((ring) => !ring.has(first) && ring.publicKeys().length === 2), {
    what: 'the old key to be forgotten',
  })
})

test('another JWT_SECRET_KEY does not start, and says what to do', async () => {
  const open = openKeyring({
    store: signingKeys(world.database, world.clock),
    seal: keySeal('another secret of thirty-two bytes', randomBytes),
    log: silent,
    clock: world.clock,
  })
  await assert.rejects(open, /sealed under another JWT_SECRET_KEY/)
})

test('no private half is published or readable in the database', async () => {
  assert.ok(world.keyring.publicKeys().every((key) => !('d' in key)))
  const { privateKey } = world.keyring.signingKey()
  const { d = '' } = privateKey.export({ format: 'jwk' })
  const rows = await world.database.query.selectFrom('signing_keys').selectAll().execute()
  assert.ok(d.length > 40 && !JSON.stringify(rows).includes(d))
})

test('a sealed key opens for its own kid and secret alone, and not when it was changed', () => {
  const seal = keySeal('a secret of thirty-two bytes ....', randomBytes)
  const sealed = seal.seal('kid-1', Buffer.from('private'))
  assert.equal(seal.open('kid-1', sealed).toString(), 'private')
  assert.throws(() => seal.open('kid-2', sealed))
  assert.throws(() => keySeal('another secret of thirty-two bytes', randomBytes).open('kid-1', sealed))
  assert.throws(() => seal.open('kid-1', `${sealed.slice(0, -2)}AA`))
  assert.throws(() => seal.open('kid-1', 'v2.x.y'))
})
