import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { changePassword } from './change-password.ts'
import { endSessions } from './end-sessions.ts'
import { login } from './login.ts'
import { attemptLimits } from './stores/attempt-log.ts'
import { client, type AuthWorld } from './testing/auth-world.ts'
import { adasWorld, logIn, outcomeOf, password, standingEverywhere, type Member } from './testing/members.ts'

let world: AuthWorld
let mine: Member
let other: Member
beforeEach(async () => {
  world = await adasWorld()
  ;[mine, other] = [await logIn(world), await logIn(world)]
})
afterEach(() => world.close())

const change = (to = 'another', { from = password, by = mine, on = world } = {}): Promise<string> =>
  outcomeOf(changePassword(on)({ current_password: from, new_password: to }, by.caller).then(({ message }) => message))
const loginWith = (typed: string) =>
  outcomeOf(login(world)({ username: 'ada', password: typed }, client).then(({ token }) => token))

test('the new password logs in, the old one does not', async () => {
  assert.equal(await change(), 'Password changed')
  assert.equal(await loginWith(password), 'invalid-credentials')
  assert.equal(await standingEverywhere(world, await loginWith('another')), 'good')
})

test('the access token that asked goes on, and every other session is dead, on every node', async () => {
  await change()
  assert.equal(await standingEverywhere(world, mine.token), 'good')
  assert.equal(await standingEverywhere(world, other.token), 'token-revoked')
  const event = world.committed.at(-1)
  assert.ok(event?.type === 'user.epoch-raised')
  assert.deepEqual([event.epoch, event.kept_session_id], [1, mine.caller.sessionId])
})

test('a login that had verified the old password is dead on every node, for as long as its token', async () => {
  const passwords: AuthWorld['passwords'] = {
    ...world.passwords,
    verify: async (stored, typed) => {
      const verdict = await world.passwords.verify(stored, typed)
      await change()
      world.clock.advance(30_000)
      return verdict
    },
  }
  const { token, refresh_token, expires_in } = await login({ ...world, passwords })(
    { username: 'ada', password },
    client,
  )
  assert.equal(await standingEverywhere(world, token), 'token-revoked')
  assert.equal(await world.sessions.standing(mine.caller.sessionId).then((standing) => standing?.ended), false)
  assert.ok(refresh_token.length > 0)
  const event = world.committed.at(-1)
  assert.ok(event?.type === 'user.epoch-raised' && event.until >= world.clock.now() + expires_in * 1000)
})

test('of two changes at once from one session one is made, and its session goes on', async () => {
  const outcomes = await Promise.all([change('first password'), change('second password')])
  assert.deepEqual(outcomes.toSorted(), ['Password changed', 'wrong-password'])
  const [winner, loser] =
    outcomes[0] === 'Password changed' ? ['first password', 'second password'] : ['second password', 'first password']
  assert.equal(await loginWith(loser), 'invalid-credentials')
  assert.equal(await standingEverywhere(world, await loginWith(winner)), 'good')
  assert.equal(await standingEverywhere(world, mine.token), 'good')
})

test('of two changes at once from two sessions one is made, and the other session has ended', async () => {
  const outcomes = await Promise.all([change('first password'), change('second password', { by: other })])
  assert.deepEqual(outcomes.toSorted(), ['Password changed', 'token-revoked'])
  assert.deepEqual(
    [await standingEverywhere(world, mine.token), await standingEverywhere(world, other.token)].toSorted(),
    ['good', 'token-revoked'],
  )
})

test('a session that was ended while the password was verified changes nothing and is not brought back', async () => {
  const passwords: AuthWorld['passwords'] = {
    ...world.passwords,
    hash: async (typed) => {
      await endSessions(world)({}, other.caller)
      return world.passwords.hash(typed)
    },
  }
  assert.equal(await change('another', { on: { ...world, passwords } }), 'token-revoked')
  assert.deepEqual(
    [await standingEverywhere(world, mine.token), await standingEverywhere(world, other.token)],
    ['token-revoked', 'good'],
  )
  assert.equal(await standingEverywhere(world, await loginWith(password)), 'good')
})

test('a wrong current password changes nothing and ends nobody', async () => {
  assert.equal(await change('another', { from: 'wrong' }), 'wrong-password')
  assert.deepEqual(
    [await standingEverywhere(world, mine.token), await standingEverywhere(world, other.token)],
    ['good', 'good'],
  )
  assert.equal(await standingEverywhere(world, await loginWith(password)), 'good')
})

test('it counts as an attempt: a stolen token guesses no better than a stranger, and shuts nobody out', async () => {
  for (let guess = 0; guess < attemptLimits.free; guess += 1) {
    assert.equal(await change('another', { from: `wrong ${guess}` }), 'wrong-password')
  }
  assert.equal(await change(), 'too-many-attempts')
  assert.equal(await change('another', { by: other }), 'Password changed')
})

test('a new password that the policy refuses is named, and nothing is hashed or counted', async () => {
  const never = () => assert.fail('hashed')
  const on = { ...world, passwords: { ...world.passwords, hash: never, verify: never } }
  await assert.rejects(changePassword(on)({ current_password: password, new_password: 'short' }, mine.caller), {
    code: 'invalid-request',
    particulars: { errors: [{ path: '/new_password', message: 'The password must have at least 6 characters.' }] },
  })
})

test('an account that was deleted meanwhile has no password to change', async () => {
  const account = await world.accounts.findByUsername('ada')
  await world.accounts.delete(account?.id ?? '')
  assert.equal(await change(), 'token-revoked')
})
