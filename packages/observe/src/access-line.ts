import type { Answered } from './answered.ts'
import { traceIdOf } from './traces.ts'

/**
 * Makes the access line of an answer: the same fields in the same order, always, as `docs/operating.md` lists them. By
 * hand, for it is made on every request: no object is built, and nothing is looked through for secrets, because no
 * field here can be one. `time` is the member `time`, with the comma before it.
 */
export const accessLine = (answered: Answered, time: string): string =>
  `{"level":"info"${time}` +
  text(',"request_id":"', answered.requestId) +
  text(',"trace_id":"', answered.traceparent && traceIdOf(answered.traceparent)) +
  text(',"method":"', answered.method) +
  text(',"route":"', answered.route) +
  text(',"operation":"', answered.operation) +
  text(',"path":"', answered.path) +
  `,"status":${answered.status}` +
  text(',"code":"', answered.code) +
  tenths(',"duration_ms":', answered.durationMs) +
  tenths(',"upstream_ms":', answered.upstreamMs) +
  tenths(',"queue_ms":', answered.queueMs) +
  text(',"upstream":"', answered.upstream) +
  whole(',"tries":', answered.tries) +
  whole(',"bytes_out":', answered.bytesOut) +
  whole(',"bytes_in":', answered.bytesIn) +
  text(',"address":"', answered.address) +
  text(',"user_id":"', answered.userId) +
  ',"msg":"answered"}\n'

/** The same as an object, for the lines that have an error to tell of, and for people. */
export const accessEvent = (answered: Answered): object => ({
  request_id: answered.requestId,
  trace_id: answered.traceparent && traceIdOf(answered.traceparent),
  method: answered.method,
  route: answered.route,
  operation: answered.operation,
  path: answered.path,
  status: answered.status,
  code: answered.code,
  duration_ms: rounded(answered.durationMs),
  upstream_ms: rounded(answered.upstreamMs),
  queue_ms: rounded(answered.queueMs),
  upstream: answered.upstream,
  tries: answered.tries,
  bytes_out: answered.bytesOut,
  bytes_in: answered.bytesIn,
  address: answered.address,
  user_id: answered.userId,
  err: answered.err,
})

/** `name` ends with the quote before the value: each part less is one less for V8 to add and to copy together. */
const text = (name: string, value: string | undefined): string =>
  value === undefined ? '' : plain.test(value) ? `${name}${value}"` : name.slice(0, -1) + JSON.stringify(value)

/** What JSON takes as it stands. Most of what is logged is this, and a test is cheaper than a conversion. */
const plain = /^[\w !#$%&'()*+,./:;<=>?@[\]^`{|}~-]*$/

const whole = (name: string, value: number | undefined): string => (value === undefined ? '' : name + value)

/** Of two whole numbers: V8 writes those out in a fraction of the time that it takes for one with a point. */
const tenths = (name: string, value: number | undefined): string => {
  if (value === undefined) return ''
  const all = Math.round(value * 10)
  // What is no duration is written as any number is.
  if (!(all >= 0 && all < wholesMax)) return name + rounded(value)
  const rest = all % 10
  const wholes = (all - rest) / 10
  return rest === 0 ? name + wholes : `${name}${wholes}.${rest}`
}

const wholesMax = 2 ** 31

const rounded = <Milliseconds extends number | undefined>(value: Milliseconds): number | Milliseconds =>
  value === undefined ? value : Math.round(value * 10) / 10
