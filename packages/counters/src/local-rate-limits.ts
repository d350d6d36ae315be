import { boundedPlaces } from './bounded-places.ts'
import { limits } from './limits.ts'
import type { LocalParts } from './local-counter.ts'
import { prefixOf, type RateLimits, type Take } from './rate-limits.ts'
import { sharedPlaces } from './shared-places.ts'
import { isForgotten, resetMsOf, slidingWindow, takeOne, type SlidingWindow } from './sliding-window.ts'

type Parts = LocalParts & {
  /** Of the points, what this process may give: all of them when it is the only one. */
  readonly share?: number
}

/** Rate limits that this process counts alone. */
export const localRateLimits = ({ clock, random, share = 1, keysMax = limits.rateKeysMax }: Parts): RateLimits => {
  const own = boundedPlaces<SlidingWindow>(keysMax, isForgotten)

  const limit: RateLimits['limit'] = (quota) => {
    const points = Math.max(1, Math.ceil(quota.points * share))
    const windowMs = quota.windowSeconds * 1000
    const prefix = prefixOf(quota)
    const shared = sharedPlaces(() => slidingWindow(windowMs), random)
    const take: Take = (key) => {
      const nowMs = clock.monotonic()
      const full = prefix + key
      let window = own.get(full)
      if (window === undefined) {
        window = slidingWindow(windowMs)
        if (!own.add(full, window, nowMs)) window = shared(key)
      }
      const passed = takeOne(window, nowMs, points)
      return { passed, left: points - window.used, resetMs: resetMsOf(window, nowMs) }
    }
    return take
  }

  return { limit, isDegraded: () => share < 1, close: async () => {} }
}
