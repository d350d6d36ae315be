import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, test } from 'node:test'
import { keySeal } from './key-seal.ts'
import { openKeyring } from './keyring.ts'
import { signingKeys } from './stores/signing-keys.ts'
import { authWorld, type AuthWorld } from './testing/auth-world.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

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
