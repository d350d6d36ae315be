import type { Clock } from '@gatehouse/clock/clock.ts'
import { boundedPlaces } from './bounded-places.ts'
import type { Quota } from './counter.ts'
import { limits } from './limits.ts'
import type { Permits } from './permits.ts'
import { prefixOf, type RateLimits, type Take, type Taken } from './rate-limits.ts'

type Parts = {
  readonly permits: Permits
  /** Counts while the permits cannot be reached. */
  readonly alone: RateLimits
  readonly clock: Clock
  readonly keysMax?: number
}

/**
 * Rate limits over all gateways. Each takes permits in advance, a few at a time, and hands them out without asking:
 * what is handed out has been counted already, so that all together never let more pass than one would. A permit that
 * is not used in its part of the window is given back with the next demand.
 */
export const leasedRateLimits = (parts: Parts): RateLimits => {
  const { permits, alone, clock, keysMax = limits.rateKeysMax } = parts
  const leases = boundedPlaces<Lease>(keysMax, isOver)

  const limit = (quota: Quota): Take => {
    const prefix = prefixOf(quota)
    const takeAlone = alone.limit(quota)

    const takeLater = async (key: string, lease: Lease): Promise<Taken> => {
      lease.waiting += 1
      try {
        for (let round = 0; round < limits.leaseRoundsMax; round += 1) {
          await (lease.asking ??= ask(lease, prefix + key, quota, parts))
          const nowMs = clock.monotonic()
          // Also when the part has ended while the answer was under way: somebody waited for exactly this one.
          if (lease.inHand > 0) return handOut(lease, nowMs)
          if (nowMs < lease.refusedUntil) return refuse(lease, nowMs)
        }
      } catch {
        // What went wrong with Redis has been told by whoever speaks to it.
      } finally {
        lease.waiting -= 1
      }
      return takeAlone(key)
    }

    return (key) => {
      const nowMs = clock.monotonic()
      const full = prefix + key
      let lease = leases.get(full)
      if (lease !== undefined) {
        if (lease.inHand > 0 && nowMs < lease.endsAt) return handOut(lease, nowMs)
        if (nowMs < lease.refusedUntil) return refuse(lease, nowMs)
      }
      if (!permits.isUp()) return takeAlone(key)
      if (lease === undefined) {
        lease = newLease()
        // Where no place is left nothing is taken in advance, for it would be forgotten: each request asks for itself.
        if (leases.add(full, lease, nowMs)) lease.more = 1
      }
      return takeLater(key, lease)
    }
  }

  return {
    limit,
    isDegraded: () => !permits.isWell(),
    close: async () => {
      await Promise.all([permits.close(), alone.close()])
    },
  }
}

/** The permits of one key that this gateway holds. All times are monotonic milliseconds of this process. */
type Lease = {
  inHand: number
  /** Reckoned from before the question was sent: never later than the part ends in Redis. */
  endsAt: number
  refusedUntil: number
  /** How many to ask for in advance: what was used of the last ones, and more when they were not enough. */
  more: number
  waiting: number
  /** The question that is under way. */
  asking: Promise<void> | undefined
  /** What was granted last, of which part of the window. */
  granted: number
  part: number
  leftElsewhere: number
  resetsAt: number
}

const newLease = (): Lease => ({
  inHand: 0,
  endsAt: 0,
  refusedUntil: 0,
  more: 0,
  waiting: 0,
  asking: undefined,
  granted: 0,
  part: 0,
  leftElsewhere: 0,
  resetsAt: 0,
})

const handOut = (lease: Lease, nowMs: number): Taken => {
  lease.inHand -= 1
  return { passed: true, left: lease.inHand + lease.leftElsewhere, resetMs: Math.max(1, lease.resetsAt - nowMs) }
}

const refuse = ({ resetsAt }: Lease, nowMs: number): Taken => ({
  passed: false,
  left: 0,
  resetMs: Math.max(1, resetsAt - nowMs),
})

const isOver = ({ waiting, endsAt, refusedUntil }: Lease, nowMs: number): boolean =>
  waiting === 0 && nowMs >= endsAt && nowMs >= refusedUntil

/** Asks for those who wait, and for some in advance. */
const ask = async (lease: Lease, key: string, quota: Quota, { permits, clock }: Parts): Promise<void> => {
  const sentAt = clock.monotonic()
  const unused = lease.inHand
  lease.more = moreAfter(lease, unused, sentAt)
  lease.inHand = 0
  const sure = lease.waiting
  try {
    const grant = await permits.take(key, quota, { sure, more: lease.more, unused, unusedPart: lease.part })
    lease.inHand = grant.granted
    lease.endsAt = sentAt + grant.partLeftMs
    lease.granted = grant.granted
    lease.part = grant.part
    lease.leftElsewhere = grant.left
    lease.resetsAt = sentAt + grant.resetMs
    // Asked again when a part begins: another gateway may have given back what it did not use.
    lease.refusedUntil = grant.granted < sure ? Math.min(lease.endsAt, lease.resetsAt) : 0
  } finally {
    lease.asking = undefined
  }
}

const moreAfter = ({ more, granted, endsAt }: Lease, unused: number, nowMs: number): number => {
  if (more === 0 || granted === 0) return more
  if (unused > 0) return Math.max(1, granted - unused)
  return nowMs < endsAt ? Math.min(more * 2, limits.leaseMax) : more
}
