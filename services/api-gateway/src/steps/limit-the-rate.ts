import type { Bearer } from '@gatehouse/contract/operation.ts'
import { Refusal, refuse } from '@gatehouse/contract/refusals.ts'
import { networkOf } from '@gatehouse/counters/network-of.ts'
import type { Taken } from '@gatehouse/counters/rate-limits.ts'
import type { Exchange, Step } from '../exchange.ts'
import type { Ports } from '../ports.ts'
import type { RouteLimit } from '../route-limit.ts'
import { tokenMemory, type TokenOf } from '../token-memory.ts'

/**
 * Lets only so many requests of one caller, or one address, pass on a route that has a limit. It stands before
 * "authenticate", so that a flood of bad tokens is counted too: against the address, for who sends them is nobody.
 */
export const limitTheRate = ({ verify }: Pick<Ports, 'verify'>): Step => {
  const tokenOf = tokenMemory()
  return (exchange) => {
    const { limit } = exchange.route
    if (limit === undefined) return undefined
    if (limit.by === 'address' || exchange.message.authorizations === 0)
      return count(exchange, limit, addressOf(exchange))
    return countCaller(exchange, limit, verify, tokenOf)
  }
}

/** Counts whose token this is. What is wrong with a token is told by "authenticate", on routes where that matters. */
const countCaller = (
  exchange: Exchange,
  limit: RouteLimit,
  verify: Ports['verify'],
  tokenOf: TokenOf,
): void | Promise<void> => {
  let caller: Bearer | Promise<Bearer>
  try {
    caller = verify(tokenOf(exchange))
  } catch (refusal) {
    return countNobody(exchange, limit, refusal)
  }
  if (!(caller instanceof Promise)) return countKnown(exchange, limit, caller)
  return caller.then(
    (verified) => countKnown(exchange, limit, verified),
    (refusal: unknown) => countNobody(exchange, limit, refusal),
  )
}

const countKnown = (exchange: Exchange, limit: RouteLimit, caller: Bearer): void | Promise<void> => {
  // Public routes introduce nobody: there the services say in their own words what they think of a token.
  if (exchange.route.access !== 'public') exchange.caller = caller
  return count(exchange, limit, `user ${caller.userId}`)
}

/** Refused on a guarded route here and now, once it is counted: to verify a bad signature twice is dear. */
const countNobody = (exchange: Exchange, limit: RouteLimit, refusal: unknown): void | Promise<void> => {
  if (!(refusal instanceof Refusal)) throw refusal
  const counting = count(exchange, limit, addressOf(exchange))
  if (exchange.route.access === 'public') return counting
  if (counting === undefined) throw refusal
  return counting.then(() => {
    throw refusal
  })
}

const addressOf = ({ address }: Exchange): string => `address ${networkOf(address)}`

const count = (exchange: Exchange, limit: RouteLimit, key: string): void | Promise<void> => {
  const taken = limit.take(key)
  if (!(taken instanceof Promise)) return tell(exchange, limit, taken)
  return taken.then((later) => tell(exchange, limit, later))
}

/** Says what is left by draft-ietf-httpapi-ratelimit-headers: on every answer, so that a client can slow down in time. */
const tell = ({ answerHeaders }: Exchange, { policy, by }: RouteLimit, { passed, left, resetMs }: Taken): void => {
  const seconds = Math.ceil(resetMs / 1000)
  answerHeaders.push('ratelimit-policy', policy, 'ratelimit', `"${by}";r=${left};t=${seconds}`)
  if (!passed) throw refuse('too-many-requests', { retryAfterSeconds: seconds })
}
