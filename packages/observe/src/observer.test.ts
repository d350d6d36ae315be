import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answered } from './answered.ts'
import { openLog } from './log.ts'
import { openMetrics } from './metrics.ts'
import { observer } from './observer.ts'

const answered: Answered = {
  requestId: 'r-1',
  method: 'GET',
  route: '/users',
  path: '/users/profile',
  status: 200,
  durationMs: 4.0449,
  upstreamMs: 2.96,
  queueMs: 0,
  upstream: 'http://192.0.2.9:5000',
  tries: 1,
  bytesOut: 17,
  bytesIn: 4,
  address: '192.0.2.1',
}

const lines = (rows: readonly Answered[]): readonly Record<string, unknown>[] => {
  const written: string[] = []
  const destination = { write: (line: string) => written.push(line) }
  const observe = observer({
    log: openLog({ level: 'info', format: 'json', secrets: [], clock: { now: Date.now }, destination }),
    metrics: openMetrics({ service: 'api-gateway' }),
  })
  for (const row of rows) observe(row)
  return written.map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('a request is one line, with all that is known of it and nothing that is not', () => {
  const [{ time, ...line } = { time: '' }] = lines([{ ...answered, userId: 'u-1' }])
  assert.ok(time)
  assert.deepEqual(line, {
    level: 'info',
    request_id: 'r-1',
    method: 'GET',
    route: '/users',
    path: '/users/profile',
    status: 200,
    duration_ms: 4,
    upstream_ms: 3,
    queue_ms: 0,
    upstream: 'http://192.0.2.9:5000',
    tries: 1,
    bytes_out: 17,
    bytes_in: 4,
    address: '192.0.2.1',
    user_id: 'u-1',
    msg: 'answered',
  })
})

test('a fault of ours and an answer that broke off are warnings with the error whole; a refusal is not', () => {
  const err = new Error('gone', { cause: new Error('reset') })
  const [fault, broken, refused] = lines([
    { ...answered, status: 503, code: 'service-unavailable', err },
    { ...answered, status: 200, code: 'upstream-failed', err },
    { ...answered, status: 401, code: 'token-invalid', err },
  ])
  assert.deepEqual([fault?.['level'], broken?.['level'], refused?.['level']], ['warn', 'warn', 'info'])
  const told = fault?.['err'] as { readonly message: string; readonly cause: { readonly message: string } }
  assert.deepEqual([told.message, told.cause.message], ['gone', 'reset'])
})
