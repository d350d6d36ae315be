import type { Step } from '../exchange.ts'

/**
 * Hands the request to whoever answers on its route, and waits for the end of the answer. A client that waited to hear
 * whether its body is wanted hears it now: all that speaks against the request has been looked at.
 */
export const forward: Step = (exchange) => {
  if (exchange.message.expectation !== undefined) exchange.res.writeContinue()
  return exchange.route.serve(exchange)
}
