import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answered } from './answered.ts'
import { openLog } from './log.ts'
import { openMetrics } from './metrics.ts'
import { nestedObservers } from './nested-observers.ts'

/** What the gateway brings the service, which tells of it as the parent. */
const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const answered = (more: Partial<Answered>): Answered => ({
  requestId: 'r1',
  method: 'POST',
  route: '/auth',
  path: '/auth/login',
  status: 401,
  durationMs: 1,
  address: '203.0.113.7',
  ...more,
})

test('a request through gateway and service is one event, with what each of them knows', async () => {
  const lines: string[] = []
  const log = openLog({
    level: 'info',
    format: 'json',
    secrets: [],
    clock: { now: Date.now },
    destination: { write: (line) => lines.push(line) },
  })
  const metrics = openMetrics({ service: 'all' })
  const { inner, outer } = nestedObservers({ log, metrics, random: () => 0.5 })
  inner(answered({ parent, route: 'login', code: 'invalid-credentials', userId: 'u1' }))
  assert.deepEqual(lines, [])
  outer(answered({}))
  outer(answered({ requestId: 'r2', route: 'none', status: 404, code: 'service-not-found' }))
  assert.equal(lines.length, 2)
  assert.match(lines[0] ?? '', /"route":"\/auth","operation":"login".*"code":"invalid-credentials".*"user_id":"u1"/)
  assert.match(lines[1] ?? '', /"code":"service-not-found"/)
  assert.doesNotMatch(lines[1] ?? '', /operation/)
  assert.match(await metrics.text(), /route="login"/)
})

const operations = () => {
  const told: unknown[] = []
  const note = (event: object): unknown => told.push('operation' in event ? event.operation : undefined)
  const metrics = openMetrics({ service: 'all' })
  return { told, metrics, ...nestedObservers({ log: { warn: note, answered: note }, metrics, random: () => 0.5 }) }
}

test('answers that no gateway tells of are forgotten, the oldest first', () => {
  const { told, inner, outer } = operations()
  for (let n = 0; n < 20_000; n += 1) inner(answered({ parent, requestId: `left-${n}`, route: 'login' }))
  outer(answered({ requestId: 'left-0' }))
  outer(answered({ requestId: 'left-19999' }))
  assert.deepEqual(told, [undefined, 'login'])
})

test("an answer to no gateway is counted, and is in nobody's way", async () => {
  const { told, metrics, inner, outer } = operations()
  inner(answered({ parent, requestId: 'waits', route: 'login' }))
  for (let n = 0; n < 20_000; n += 1) inner(answered({ requestId: `probe-${n}`, route: 'health' }))
  outer(answered({ requestId: 'waits' }))
  assert.deepEqual(told, ['login'])
  assert.match(await metrics.text(), /route="health"[^\n]* 20000\n/)
})
