import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessEvent, accessLine } from './access-line.ts'
import type { Answered } from './answered.ts'
import { logTime } from './log-time.ts'

const whole: Required<Answered> = {
  requestId: 'r-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  parent: '',
  encrypted: false,
  method: 'GET',
  route: '/users',
  operation: 'getProfile',
  path: '/users/profile',
  status: 200,
  code: 'client-left',
  durationMs: 12.3456,
  upstreamMs: 10.05,
  queueMs: 0.04,
  upstream: 'http://192.0.2.9:5000',
  tries: 2,
  bytesOut: 17,
  bytesIn: 4,
  address: '2001:db8::1',
  userId: 'u-1',
  err: undefined,
}

const time = ',"time":"2026-01-01T00:00:00.000Z"'

for (const [what, answered] of [
  ['everything', whole],
  [
    'as little as there is',
    { requestId: '', method: '', route: 'none', path: '', status: 400, durationMs: 0, address: '' },
  ],
  ['quotes, backslashes and controls', { ...whole, path: '/"\\\n\u0000\u007f', method: 'M"', route: '/"' }],
  ['letters of all kinds', { ...whole, path: '/ä\u2028日\ud800', upstream: '😀' }],
] as const) {
  test(`the line made by hand is the event as JSON: ${what}`, () => {
    assert.deepEqual(JSON.parse(accessLine(answered, time)), {
      level: 'info',
      time: '2026-01-01T00:00:00.000Z',
      ...(JSON.parse(JSON.stringify(accessEvent(answered))) as object),
      msg: 'answered',
    })
    assert.equal(accessLine(answered, time).indexOf('\n'), accessLine(answered, time).length - 1)
  })
}

test('times have one decimal', () => {
  assert.match(accessLine(whole, time), /"duration_ms":12.3,"upstream_ms":10.1,"queue_ms":0,/)
})

test('the time of a line is that of the clock, across seconds, days and jumps backwards', () => {
  let now = 0
  const next = logTime({ now: () => now })
  for (now of [1_767_225_599_007, 1_767_225_599_070, 1_767_225_599_999, 1_767_225_600_000, 1_000, 5]) {
    assert.equal(next(), `,"time":"${new Date(now).toISOString()}"`)
  }
})
