import type { Exchange } from '../exchange.ts'
import { fieldBlock, type FieldBlock } from '../field-block.ts'
import { isHopByHop, isOurs } from '../fields.ts'
import type { Said } from '../message.ts'

/**
 * Copies the client's fields, except those that belong to its connection and those that a service believes because we
 * say them.
 */
export const dropWhatOnlyWeMaySay = (exchange: Exchange): void => {
  const { known, tracestate } = exchange
  exchange.clientFields = known.goingOn ??= goingOn(exchange.req.rawHeaders, known.said)
  exchange.headers = ['x-request-id', exchange.requestId, 'traceparent', exchange.traceparent]
  if (tracestate !== '') exchange.headers.push('tracestate', tracestate)
}

const goingOn = (rawHeaders: readonly string[], { connection }: Said): FieldBlock => {
  const kept: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const lower = name.toLowerCase()
    if (lower === 'host' || isHopByHop(lower) || isOurs(lower)) continue
    if (connection.has(lower)) continue
    kept.push(name, rawHeaders[at + 1] ?? '')
  }
  return fieldBlock(kept)
}
