import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { deleteAccount } from './delete-account.ts'
import { login } from './login.ts'
import { accessTokenTtlMs, client, type AuthWorld } from './testing/auth-world.ts'
import {
  adasWorld,
  isRevokedElsewhere,
  logIn,
  outcomeOf,
  password,
  signUp,
  standingOf,
  type Member,
} from './testing/members.ts'

let world: AuthWorld
let mine: Member
beforeEach(async () => {
  world = await adasWorld()
  mine = await logIn(world)
})
afterEach(() => world.close())

const deleted = (typed: string): Promise<string> =>
  outcomeOf(deleteAccount(world)({ password: typed }, mine.caller).then(({ message }) => message))

test('the account is gone with all its sessions, on every node, as long as a token may live', async () => {
  const other = await logIn(world)
  assert.equal(await deleted(password), 'Account deleted')
  for (const { token } of [mine, other]) {
    assert.equal(await standingOf(world, token), 'token-revoked')
    assert.equal(isRevokedElsewhere(world, token), true)
  }
  const { seq, at, ...event } = world.committed.at(-1) ?? assert.fail()
  assert.ok(seq > 0 && at === world.clock.now())
  assert.deepEqual(event, {
    type: 'user.deleted',
    user_id: mine.caller.userId,
    until: world.clock.now() + accessTokenTtlMs,
  })
  const again = login(world)({ username: 'ada', password }, client)
  assert.equal(await outcomeOf(again), 'invalid-credentials')
})

test('its name is free, and whoever takes it is somebody else', async () => {
  await deleted(password)
  const somebody = await signUp(world)
  assert.notEqual(somebody, mine.caller.userId)
  assert.equal(await standingOf(world, mine.token), 'token-revoked')
  assert.equal(isRevokedElsewhere(world, (await logIn(world)).token), false)
})

test('a wrong password deletes nothing', async () => {
  const before = world.committed.length
  assert.equal(await deleted('wrong'), 'wrong-password')
  assert.equal(await standingOf(world, mine.token), 'good')
  assert.equal(world.committed.length, before)
})

test('of two deletions at once one is made, with one event', async () => {
  const before = world.committed.length
  const outcomes = await Promise.all([deleted(password), deleted(password)])
  assert.deepEqual(outcomes.toSorted(), ['Account deleted', 'token-revoked'])
  assert.equal(world.committed.length, before + 1)
})

test('nobody else’s account is touched', async () => {
  await signUp(world, 'bob')
  const bob = await logIn(world, 'bob')
  await deleted(password)
  assert.equal(await standingOf(world, bob.token), 'good')
  assert.equal(isRevokedElsewhere(world, bob.token), false)
})
