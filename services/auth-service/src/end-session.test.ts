import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { endSession } from './end-session.ts'
import { sessionTtlMs, type AuthWorld } from './testing/auth-world.ts'
import { adasWorld, isRevokedElsewhere, logIn, outcomeOf, signUp, standingOf, type Member } from './testing/members.ts'

let world: AuthWorld
let mine: Member
beforeEach(async () => {
  world = await adasWorld()
  mine = await logIn(world)
})
afterEach(() => world.close())

const end = (sessionId: string, by = mine) => endSession(world)({ session_id: sessionId }, by.caller)

test('one of one’s sessions is ended, here and elsewhere, and no other', async () => {
  const other = await logIn(world)
  assert.deepEqual(await end(other.caller.sessionId), { message: 'Session ended' })
  assert.deepEqual(
    [await standingOf(world, other.token), await standingOf(world, mine.token)],
    ['token-revoked', 'good'],
  )
  assert.deepEqual([isRevokedElsewhere(world, other.token), isRevokedElsewhere(world, mine.token)], [true, false])
})

test('it may be the one that asks', async () => {
  await end(mine.caller.sessionId)
  assert.equal(await standingOf(world, mine.token), 'token-revoked')
})

test('another’s session is not found and not ended, like one that never was, has ended or has expired', async () => {
  await signUp(world, 'bob')
  const bobs = await logIn(world, 'bob')
  const ended = await logIn(world)
  await end(ended.caller.sessionId)
  const before = world.committed.length
  for (const id of [bobs.caller.sessionId, ended.caller.sessionId, world.ids.uuidv7(), '', "' or 1=1"]) {
    await assert.rejects(end(id), refuse('session-not-found'))
  }
  assert.equal(await standingOf(world, bobs.token), 'good')
  assert.equal(isRevokedElsewhere(world, bobs.token), false)
  world.clock.advance(sessionTtlMs)
  assert.equal(await outcomeOf(end(mine.caller.sessionId)), 'session-not-found')
  assert.equal(world.committed.length, before)
})

test('a database that did not confirm the end never makes a 200', async () => {
  const sessions = { ...world.sessions, end: () => Promise.reject(refuse('database-unavailable')) }
  const outcome = endSession({ ...world, sessions })({ session_id: mine.caller.sessionId }, mine.caller)
  assert.equal(await outcomeOf(outcome), 'database-unavailable')
})
