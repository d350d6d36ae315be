import { goesOn, tracestateOf, type Traces } from '@gatehouse/observe/traces.ts'
import type { Exchange } from '../exchange.ts'

/**
 * Makes the request a part of the trace that it came with, or of a new one (W3C Trace Context): the log and every
 * service on the way know it by the same id.
 */
export const joinTheTrace =
  ({ traces }: { readonly traces: Traces }) =>
  (exchange: Exchange): void => {
    const { traceparent, tracestate } = exchange.message
    exchange.traceparent = traces.join(traceparent)
    // It belongs to the trace: of one that ends here nothing is said to those behind us.
    if (tracestate !== '' && goesOn(exchange.traceparent, traceparent)) exchange.tracestate = tracestateOf(tracestate)
  }
