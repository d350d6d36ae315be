import type { Step } from '../exchange.ts'

/** Hands the request to whoever answers on its route, and waits for the end of the answer. */
export const forward: Step = (exchange) => exchange.route.serve(exchange)
