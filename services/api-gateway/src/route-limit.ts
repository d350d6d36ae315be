import type { Take } from '@gatehouse/counters/rate-limits.ts'
import type { RateLimit } from './own-route.ts'
import type { Ports } from './ports.ts'

/** A route's rate limit, made ready: what of it is the same for every request is made once. */
export type RouteLimit = {
  readonly by: RateLimit['by']
  readonly take: Take
  /** The `RateLimit-Policy` field. */
  readonly policy: string
}

/** Makes a rate limit ready for the route of this name. */
export const routeLimitOf = (
  { by, requests, windowSeconds }: RateLimit,
  route: string,
  { limit }: Ports['rateLimits'],
): RouteLimit => ({
  by,
  take: limit({ name: route, points: requests, windowSeconds }),
  policy: `"${by}";q=${requests};w=${windowSeconds}`,
})
