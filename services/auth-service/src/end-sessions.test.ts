import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { endSessions } from './end-sessions.ts'
import { logout } from './logout.ts'
import { refresh } from './refresh.ts'
import { client, type AuthWorld } from './testing/auth-world.ts'
import { adasWorld, logIn, outcomeOf, signUp, standingEverywhere, type Member } from './testing/members.ts'

let world: AuthWorld
let mine: Member
let others: readonly Member[]
beforeEach(async () => {
  world = await adasWorld()
  ;[mine, ...others] = [await logIn(world), await logIn(world), await logIn(world)]
})
afterEach(() => world.close())

test('all others end and this one goes on with the tokens that it has, on every node', async () => {
  const answer = await endSessions(world)({}, mine.caller)
  assert.deepEqual(answer, { message: 'All other sessions ended' })
  assert.equal(await standingEverywhere(world, mine.token), 'good')
  for (const other of others) {
    assert.equal(await standingEverywhere(world, other.token), 'token-revoked')
    const outcome = refresh(world)({ refresh_token: other.refreshToken }, client)
    assert.equal(await outcomeOf(outcome), 'refresh-token-invalid')
  }
  const { token } = await refresh(world)({ refresh_token: mine.refreshToken }, client)
  assert.equal(await standingEverywhere(world, token), 'good')
})

test('including this one, none is left', async () => {
  const answer = await endSessions(world)({ including: 'this' }, mine.caller)
  assert.deepEqual(answer, { message: 'All sessions ended' })
  for (const member of [mine, ...others]) assert.equal(await standingEverywhere(world, member.token), 'token-revoked')
  const outcome = refresh(world)({ refresh_token: mine.refreshToken }, client)
  assert.equal(await outcomeOf(outcome), 'refresh-token-invalid')
})

test('logins after it are good, and nobody else’s session is touched', async () => {
  await signUp(world, 'bob')
  const bob = await logIn(world, 'bob')
  await endSessions(world)({ including: 'this' }, mine.caller)
  assert.equal(await standingEverywhere(world, bob.token), 'good')
  assert.equal(await standingEverywhere(world, (await logIn(world)).token), 'good')
})

test('of two that end each other at once one is left, on every node alike', async () => {
  const [other = assert.fail()] = others
  const outcomes = await Promise.all(
    [mine, other].map(({ caller }) => outcomeOf(endSessions(world)({}, caller).then(() => 'ended'))),
  )
  assert.deepEqual(outcomes.toSorted(), ['ended', 'token-revoked'])
  assert.deepEqual(
    [await standingEverywhere(world, mine.token), await standingEverywhere(world, other.token)].toSorted(),
    ['good', 'token-revoked'],
  )
})

test('a session that was kept once can be ended like any other', async () => {
  await endSessions(world)({}, mine.caller)
  const later = await logIn(world)
  await endSessions(world)({}, later.caller)
  assert.deepEqual(
    [await standingEverywhere(world, mine.token), await standingEverywhere(world, later.token)],
    ['token-revoked', 'good'],
  )
  await logout(world)({}, later.caller)
  assert.equal(await standingEverywhere(world, later.token), 'token-revoked')
})

test('a session that was logged out meanwhile ends nobody', async () => {
  await logout(world)({}, mine.caller)
  assert.equal(await outcomeOf(endSessions(world)({}, mine.caller)), 'token-revoked')
  for (const other of others) assert.equal(await standingEverywhere(world, other.token), 'good')
})

test('an account that was deleted meanwhile has nothing to end', async () => {
  const account = await world.accounts.findByUsername('ada')
  await world.accounts.delete(account?.id ?? '')
  for (const including of [undefined, 'this'] as const) {
    const query = including === undefined ? {} : { including }
    assert.equal(await outcomeOf(endSessions(world)(query, mine.caller)), 'token-revoked')
  }
})
