import type { Answered } from './answered.ts'
import { goesOn, spanIdOf, traceIdOf } from './traces.ts'

/** An answered request and when it ended: wall time in milliseconds. */
export type Ended = { readonly answered: Answered & { readonly traceparent: string }; readonly endedAt: number }

/**
 * An answered request as a span of OTLP's JSON, with the attributes that OpenTelemetry's conventions have for a server
 * of HTTP. Errors are told by their code alone: what they say is for our own log.
 */
export const spanOf = ({ answered, endedAt }: Ended): object => {
  const { traceparent, parent = '', method, route, status, code, err } = answered
  const isContinued = goesOn(traceparent, parent)
  const isTrouble = status >= 500 || (status < 400 && err !== undefined)
  const known = methods.has(method)
  return {
    traceId: traceIdOf(traceparent),
    spanId: spanIdOf(traceparent),
    ...(isContinued ? { parentSpanId: parent.slice(36, 52) } : {}),
    flags: parseInt(traceparent.slice(-2), 16) | (isContinued ? parentIsRemote : 0),
    name: `${known ? method : 'HTTP'} ${route}`,
    kind: server,
    startTimeUnixNano: nanoseconds(endedAt - answered.durationMs),
    endTimeUnixNano: nanoseconds(endedAt),
    attributes: attributes({
      'http.request.method': known ? method : '_OTHER',
      'http.request.method_original': known ? undefined : method,
      'http.route': route,
      'http.response.status_code': status,
      'url.path': answered.path,
      'url.scheme': answered.encrypted === true ? 'https' : 'http',
      'client.address': answered.address,
      'error.type': isTrouble ? (code ?? String(status)) : undefined,
      'gatehouse.request_id': answered.requestId,
      'gatehouse.code': code,
      'gatehouse.upstream': answered.upstream,
      'gatehouse.upstream_ms': answered.upstreamMs,
      'gatehouse.queue_ms': answered.queueMs,
      'gatehouse.tries': answered.tries,
    }),
    status: isTrouble ? { code: failed } : {},
  }
}

/** A list of attributes as OTLP's JSON writes it, without those that are not known. */
export const attributes = (values: Readonly<Record<string, string | number | undefined>>): readonly object[] =>
  Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return []
    if (typeof value === 'string') return { key, value: { stringValue: value } }
    return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } }
  })

/** A number of microseconds is as much as a double holds exactly. */
const nanoseconds = (milliseconds: number): string => `${Math.round(milliseconds * 1_000)}000`

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'])

/** Numbers of OTLP's enumerations: SPAN_KIND_SERVER, STATUS_CODE_ERROR, and the two flags about the parent. */
const server = 2
const failed = 2
const parentIsRemote = 0x300
