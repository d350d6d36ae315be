import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startReference } from './reference.ts'
import type { BenchRequest, Operation } from './system.ts'

test('the reference system answers what the tutorial says, through its gateway', async (t) => {
  const reference = await startReference({ WORKERS: '1' })
  t.after(reference.stop)
  const answerTo = async ({ method, path, headers = {}, body }: BenchRequest) => {
    const answer = await fetch(`http://127.0.0.1:${reference.port}${path}`, { method, headers, body: body ?? null })
    return { status: answer.status, body: await answer.json() }
  }
  const requestsOf = async (operation: Operation): Promise<readonly BenchRequest[]> => {
    const requests = await reference.prepare(operation, 2)
    assert.ok(!('absent' in requests))
    return requests
  }
  const health = { gateway: 'healthy', services: { auth_service: true, user_service: true } }
  assert.deepEqual(await answerTo({ method: 'GET', path: '/health' }), { status: 200, body: health })
  const statuses = new Map<Operation, number>([
    ['register', 201],
    ['login', 200],
    ['validate', 200],
    ['profile-read', 200],
    ['profile-write', 200],
    ['logout', 200],
  ])
  // Twice: what one preparation used up is not handed out by the next.
  for (const [operation, status] of [...statuses, ...statuses])
    for (const request of await requestsOf(operation)) assert.equal((await answerTo(request)).status, status, operation)
  const [logout] = await requestsOf('logout')
  assert.ok(logout)
  await answerTo(logout)
  assert.deepEqual(await answerTo({ ...logout, path: '/auth/validate' }), {
    status: 401,
    body: { message: 'Token has been revoked!' },
  })
  assert.deepEqual(await reference.prepare('refresh', 1), {
    absent: 'the tutorial has none: a token lives for 24 hours',
  })
})
