import type { Clock } from '@gatehouse/clock/clock.ts'
import { startActiveChecks } from './active-checks.ts'
import { breakerOf } from './breaker.ts'
import { limits as bounds, type UpstreamLimits } from './limits.ts'
import { openWay, type Way } from './open-way.ts'
import { originsOf, type Origin } from './origins.ts'
import type { Check, Timeouts } from './own-route.ts'
import type { Upstream } from './ports.ts'
import { relay } from './relay.ts'

type Parts = {
  /** Origins of the same service, one for each replica. */
  readonly urls: readonly string[]
  readonly limits: UpstreamLimits
  readonly clock: Clock
  /** From 0 up to 1, to spread active checks. */
  readonly random: () => number
  readonly timeouts: Timeouts
  /** How often an idempotent request may be sent once more, elsewhere where there is an elsewhere. */
  readonly retriesMax: number
  readonly check?: Check | undefined
}

/**
 * A service across the network. Requests go to the replica with the fewest under way, and past those that fail; a
 * service all of whose replicas fail is left alone for a moment.
 */
export const networkUpstream = (parts: Parts): Upstream => {
  const { urls, limits, clock, random, timeouts, retriesMax, check } = parts
  const diedInUse = new WeakSet<Error>()
  const ways = urls.map((url) => openWay(url, limits, timeouts, diedInUse))
  const replicas = ways.map((way, at): Origin => ({
    origin: new URL(urls[at] ?? '').origin,
    way,
    underWay: 0,
    ill: false,
    leavesUntil: 0,
    refuses: false,
    ejection: breakerOf(bounds.ejection, clock.monotonic),
  }))
  const origins = originsOf({
    replicas,
    limits,
    clock,
    deadlineMs: timeouts.deadlineMs,
    retriesMax,
    diedInUse: (error) => diedInUse.has(error),
  })
  const checks =
    check === undefined
      ? undefined
      : startActiveChecks({ origins: replicas, check, failures: bounds.checkFailures, random })

  let closed = false
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    checks?.stop()
    // Not the ways at once: what is under way may have to be sent once more.
    await origins.empty()
    closed = true
    await Promise.all(ways.map((way) => way.close()))
  }

  return {
    forward: (req, res, onward) => {
      if (!closed) return relay(req, res, onward, origins)
      // Its route was found before the route file changed, and its token verified after: it is served all the same.
      const { check: _, ...unchecked } = parts
      const reopened = networkUpstream(unchecked)
      return reopened.forward(req, res, onward).finally(() => void reopened.close())
    },
    healthy: async () => {
      const answers = await Promise.all(ways.map((way) => answersHealth(way, limits.probeTimeoutMs)))
      return answers.includes(true)
    },
    state: () => origins.state(),
    close: () => (closing ??= close()),
  }
}

const answersHealth = async (way: Way, timeoutMs: number): Promise<boolean> => {
  try {
    const { statusCode, body } = await way.request({
      path: '/health',
      method: 'GET',
      signal: AbortSignal.timeout(timeoutMs),
    })
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  }
}
