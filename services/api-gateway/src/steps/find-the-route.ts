import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Exchange } from '../exchange.ts'
import type { FindRoute } from '../routes.ts'

/** Finds out who will answer. */
export const findTheRoute =
  (find: FindRoute) =>
  (exchange: Exchange): void => {
    const route = find(exchange.path)
    if (route === undefined) throw refuse('service-not-found')
    exchange.route = route
  }
