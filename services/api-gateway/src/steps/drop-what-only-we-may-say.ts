import type { Exchange } from '../exchange.ts'
import { isHopByHop, isOurs } from '../fields.ts'

/**
 * Copies the client's fields, except those that belong to its connection and those that a service believes because we
 * say them.
 */
export const dropWhatOnlyWeMaySay = (exchange: Exchange): void => {
  const { rawHeaders } = exchange.req
  const { connection } = exchange.message
  const headers: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const lower = name.toLowerCase()
    if (lower === 'host' || isHopByHop(lower) || isOurs(lower)) continue
    if (connection.has(lower)) continue
    headers.push(name, rawHeaders[at + 1] ?? '')
  }
  headers.push('x-request-id', exchange.requestId, 'traceparent', exchange.traceparent)
  if (exchange.tracestate !== '') headers.push('tracestate', exchange.tracestate)
  exchange.headers = headers
}
