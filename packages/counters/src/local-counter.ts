import type { Clock } from '@gatehouse/clock/clock.ts'
import { boundedPlaces } from './bounded-places.ts'
import type { Counter, Quota } from './counter.ts'
import { limits } from './limits.ts'
import { sharedPlaces } from './shared-places.ts'

/** What counting in this process needs. */
export type LocalParts = {
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly keysMax?: number
}

/**
 * A counter of this process alone. It keeps a bounded number of keys, and forgets none before its window is over: not
 * for others, however many come.
 */
export const localCounter = ({
  points,
  windowSeconds,
  clock,
  random,
  keysMax = limits.counterKeysMax,
}: Quota & LocalParts): Counter => {
  const windowMs = windowSeconds * 1000
  const own = boundedPlaces<Window>(keysMax, isOver)
  const shared = sharedPlaces((): Window => ({ used: 0, endsAt: 0 }), random)

  const windowOf = (key: string, nowMs: number): Window => {
    const known = own.get(key)
    if (known !== undefined) return known
    const window = { used: 0, endsAt: nowMs + windowMs }
    return own.add(key, window, nowMs) ? window : shared(key)
  }

  return {
    take: async (key) => {
      const nowMs = clock.monotonic()
      const window = windowOf(key, nowMs)
      if (isOver(window, nowMs)) {
        window.used = 0
        window.endsAt = nowMs + windowMs
      }
      if (window.used >= points) return window.endsAt - nowMs
      window.used += 1
      return 0
    },
    giveBack: async (key) => {
      const window = own.get(key) ?? shared(key)
      if (window.used > 0 && !isOver(window, clock.monotonic())) window.used -= 1
    },
    close: async () => {},
  }
}

type Window = {
  used: number
  /** Monotonic milliseconds. */
  endsAt: number
}

const isOver = ({ endsAt }: Window, nowMs: number): boolean => nowMs >= endsAt
