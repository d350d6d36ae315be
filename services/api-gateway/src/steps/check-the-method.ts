import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Exchange } from '../exchange.ts'

/** Refuses a method that the route does not take. */
export const checkTheMethod = ({ route: { methods }, message: { method } }: Exchange): void => {
  if (methods === undefined || methods.includes(method)) return
  throw refuse('method-not-allowed', { headers: { allow: methods.join(', ') } })
}
