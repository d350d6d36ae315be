import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { listSessions } from './list-sessions.ts'
import { logout } from './logout.ts'
import { refresh } from './refresh.ts'
import { client, sessionTtlMs, stranger, type AuthWorld } from './testing/auth-world.ts'
import { adasWorld, authenticate, logIn, signUp, type Member } from './testing/members.ts'

let world: AuthWorld
beforeEach(async () => {
  world = await adasWorld()
})
afterEach(() => world.close())

const listed = async ({ caller }: Member) => (await listSessions(world)({}, caller)).sessions

test('people see where, with what and since when they are logged in, and which one this is', async () => {
  const laptop = await logIn(world, 'ada', { ...client, userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' })
  world.clock.advance(3_600_000)
  const phone = await logIn(world, 'ada', stranger)
  assert.deepEqual(await listed(laptop), [
    {
      session_id: phone.caller.sessionId,
      created_at: '2026-01-01T01:00:00.000Z',
      last_seen_at: '2026-01-01T01:00:00.000Z',
      expires_at: '2026-01-31T01:00:00.000Z',
      address: stranger.address,
      device: 'Unknown device',
      current: false,
    },
    {
      session_id: laptop.caller.sessionId,
      created_at: '2026-01-01T00:00:00.000Z',
      last_seen_at: '2026-01-01T00:00:00.000Z',
      expires_at: '2026-01-31T00:00:00.000Z',
      address: client.address,
      device: 'Firefox on Linux',
      current: true,
    },
  ])
})

test('sessions that ended or expired, and those of others, are not shown', async () => {
  await signUp(world, 'bob')
  await logIn(world, 'bob')
  const old = await logIn(world)
  world.clock.advance(sessionTtlMs - 1)
  const ended = await logIn(world)
  await logout(world)({}, ended.caller)
  const current = await logIn(world)
  assert.equal((await listed(current)).length, 2)
  world.clock.advance(1)
  assert.deepEqual(
    (await listed(current)).map(({ session_id }) => session_id),
    [current.caller.sessionId],
  )
  assert.notEqual(old.caller.sessionId, current.caller.sessionId)
})

test('a session was seen when its token was last used, to the minute', async () => {
  const { token, caller } = await logIn(world)
  const seen: string[] = []
  for (const waitMs of [59_999, 1, 30_000, 30_000]) {
    world.clock.advance(waitMs)
    await authenticate(world, token)
    seen.push((await listSessions(world)({}, caller)).sessions[0]?.last_seen_at.slice(14, 19) ?? '')
  }
  assert.deepEqual(seen, ['00:00', '01:00', '01:00', '02:00'])
})

test('a refresh is a sight too, and says from where', async () => {
  const mine = await logIn(world)
  world.clock.advance(1000)
  await refresh(world)({ refresh_token: mine.refreshToken }, stranger)
  const [{ address, last_seen_at } = assert.fail()] = await listed(mine)
  assert.deepEqual([address, last_seen_at], [stranger.address, '2026-01-01T00:00:01.000Z'])
})

test('at most a hundred are shown, and the newest', async () => {
  await logIn(world)
  for (let n = 0; n < 99; n += 1) await logIn(world)
  const newest = await logIn(world)
  const all = await listed(newest)
  assert.equal(all.length, 100)
  assert.equal(all[0]?.session_id, newest.caller.sessionId)
})
