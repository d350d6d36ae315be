import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { changePassword } from './change-password.ts'
import { logout } from './logout.ts'
import type { AuthWorld } from './testing/auth-world.ts'
import { adasWorld, logIn, password, standingOf } from './testing/members.ts'
import { validate } from './validate.ts'

let world: AuthWorld
beforeEach(async () => {
  world = await adasWorld()
})
afterEach(() => world.close())

test('a good token validates as its user and session', async () => {
  const { caller } = await logIn(world)
  assert.deepEqual(await validate()({}, caller), {
    valid: true,
    user_id: caller.userId,
    session_id: caller.sessionId,
    expires_at: caller.expiresAt,
  })
})

test('nobody comes as far as that with a token whose session has ended, and a kept one does', async () => {
  const [kept, other] = [await logIn(world), await logIn(world)]
  await changePassword(world)({ current_password: password, new_password: 'another' }, kept.caller)
  assert.deepEqual(
    [await standingOf(world, kept.token), await standingOf(world, other.token)],
    ['good', 'token-revoked'],
  )
  await logout(world)({}, kept.caller)
  assert.equal(await standingOf(world, kept.token), 'token-revoked')
})
