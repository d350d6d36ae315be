import { setTimeout as delay } from 'node:timers/promises'

/** Waits longer after each failure in a row. */
export type Backoff = {
  /** Waits; returns early, without an error, when the signal is aborted. */
  readonly wait: (signal: AbortSignal) => Promise<void>
  /** Tells that it went well: the next wait is short again. */
  readonly reset: () => void
}

type Limits = {
  readonly firstMs: number
  readonly mostMs: number
  /** From 0 up to 1. */ readonly random: () => number
}

/**
 * Doubles from `firstMs` to `mostMs`, each time between half and the whole of it: those who failed together do not
 * return together.
 */
export const backoff = ({ firstMs, mostMs, random }: Limits): Backoff => {
  let ceilingMs = firstMs
  return {
    wait: async (signal) => {
      const waitMs = ceilingMs * (0.5 + random() / 2)
      ceilingMs = Math.min(ceilingMs * 2, mostMs)
      await pause(waitMs, signal)
    },
    reset: () => {
      ceilingMs = firstMs
    },
  }
}

/** Waits `ms`, or until the signal is aborted, whichever is first. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await delay(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
