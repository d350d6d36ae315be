import { limits } from '../limits.ts'
import type { Permits } from '../permits.ts'
import { change, grant, moveTo, resetMsOf, slidingWindow, type SlidingWindow } from '../sliding-window.ts'

/** Permits in memory, by a clock of their own: what Redis does, for tests that move the time. */
export const memoryPermits = (now: () => number): Permits & { away: boolean } => {
  const windows = new Map<string, SlidingWindow>()
  const permits: Permits & { away: boolean } = {
    away: false,
    isUp: () => !permits.away,
    isWell: () => !permits.away,
    take: async (key, { points, windowSeconds }, { sure, more, unused, unusedPart }) => {
      if (permits.away) throw new Error('away')
      const partMs = (windowSeconds * 1000) / limits.windowParts
      const nowMs = now()
      const window = windows.get(key) ?? slidingWindow(windowSeconds * 1000)
      windows.set(key, window)
      moveTo(window, nowMs)
      const isKept = unusedPart <= window.newest && unusedPart >= window.newest - limits.windowParts
      const counted = window.counts[unusedPart % window.counts.length] ?? 0
      if (isKept) change(window, unusedPart, -Math.min(unused, counted))
      const granted = grant(window, nowMs, points, { sure, more })
      const part = Math.floor(nowMs / partMs)
      return {
        granted,
        left: points - window.used,
        part,
        partLeftMs: (part + 1) * partMs - nowMs,
        resetMs: resetMsOf(window, nowMs),
      }
    },
    close: async () => {},
  }
  return permits
}
