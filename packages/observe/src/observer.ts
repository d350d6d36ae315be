import type { Answered, Observe } from './answered.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

/**
 * Turns each answer into one wide event and one observation. Faults of ours and broken answers are warnings, with the
 * error whole.
 */
export const observer =
  ({ log, metrics }: { readonly log: Log; readonly metrics: Metrics }): Observe =>
  (answered) => {
    metrics.answered(answered)
    if (isTrouble(answered)) log.warn(event(answered), 'answered')
    else log.info(event(answered), 'answered')
  }

/** A 5xx, or an answer that began well and broke off. A 4xx is the client's trouble, whatever caused it. */
const isTrouble = ({ status, err }: Answered): boolean => status >= 500 || (status < 400 && err !== undefined)

const event = (answered: Answered): object => ({
  request_id: answered.requestId,
  trace_id: answered.traceId,
  method: answered.method,
  route: answered.route,
  operation: answered.operation,
  path: answered.path,
  status: answered.status,
  code: answered.code,
  duration_ms: tenths(answered.durationMs),
  upstream_ms: tenths(answered.upstreamMs),
  queue_ms: tenths(answered.queueMs),
  upstream: answered.upstream,
  tries: answered.tries,
  bytes_out: answered.bytesOut,
  address: answered.address,
  user_id: answered.userId,
  err: answered.err,
})

const tenths = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : Math.round(milliseconds * 10) / 10
