import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Bearer } from '@gatehouse/contract/operation.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { register } from './register.ts'
import { authWorld, client, type AuthWorld } from './testing/auth-world.ts'

let world: AuthWorld
beforeEach(async () => {
  world = await authWorld()
  await register(world)({ username: 'ada', email: 'ada@example.com', password: 'secret' }, client)
})
afterEach(() => world.close())

const start = async (): Promise<{ token: string; caller: Bearer }> => {
  const { token } = await login(world)({ username: 'ada', password: 'secret' }, client)
  return { token, caller: await authenticate(token) }
}
const authenticate = (token: string): Promise<Bearer> =>
  world.accessTokens.authenticate(['Authorization', `Bearer ${token}`])
const end = (caller: Bearer) => logout(world)({}, { ...client, ...caller })

test('a session that was ended is dead at once, and the others are not', async () => {
  const [mine, other] = [await start(), await start()]
  assert.deepEqual(await end(mine.caller), { message: 'Logged out successfully' })
  await assert.rejects(authenticate(mine.token), { code: 'token-revoked' })
  assert.equal((await authenticate(other.token)).sessionId, other.caller.sessionId)
})

test('its end is in the log for as long as its token could live', async () => {
  const { caller } = await start()
  await end(caller)
  const { seq, at, ...event } = world.committed.at(-1) ?? assert.fail()
  assert.ok(seq > 0 && at === world.clock.now())
  assert.deepEqual(event, {
    type: 'session.ended',
    user_id: caller.userId,
    session_id: caller.sessionId,
    until: caller.expiresAt * 1000,
  })
})

test('of two logouts at once one ends the session, and one event is written', async () => {
  const { caller } = await start()
  const before = world.committed.length
  const settled = await Promise.allSettled([end(caller), end(caller)])
  assert.deepEqual(settled.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  assert.equal(world.committed.length, before + 1)
})

test('a database that did not confirm the end never makes a 200', async () => {
  const { caller } = await start()
  const sessions = { ...world.sessions, end: () => Promise.reject(refuse('database-unavailable')) }
  await assert.rejects(logout({ ...world, sessions })({}, { ...client, ...caller }), { code: 'database-unavailable' })
})

test('past its time a token has expired, and no log is asked', async () => {
  const { token } = await start()
  world.clock.advance(86_400_000)
  await assert.rejects(authenticate(token), { code: 'token-expired' })
})

test('tokens of a deleted account are dead', async () => {
  const { token, caller } = await start()
  const account = await world.accounts.findByUsername('ada')
  assert.equal(await world.accounts.delete(account?.id ?? ''), true)
  await assert.rejects(authenticate(token), { code: 'token-revoked' })
  const event = world.committed.at(-1)
  assert.equal(event?.type, 'user.deleted')
  assert.equal(event.user_id, caller.userId)
  assert.ok(event.type === 'user.deleted' && event.until >= caller.expiresAt * 1000)
})
