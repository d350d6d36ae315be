import type { Clock } from '@gatehouse/clock/clock.ts'

/** A clock that stands still until the test moves it. */
export type MovableClock = Clock & {
  /** Moves both times forward. */
  readonly advance: (ms: number) => void
  /** Sets the wall time alone, as an administrator or NTP does; the monotonic time does not notice. */
  readonly setWallTime: (now: number) => void
}

/** Makes a clock that starts at `start` (ms since the epoch), 2026-01-01 UTC unless told. */
export const movableClock = (start = Date.UTC(2026, 0, 1)): MovableClock => {
  let now = start
  let monotonic = 0
  return {
    now: () => now,
    monotonic: () => monotonic,
    advance: (ms) => {
      now += ms
      monotonic += ms
    },
    setWallTime: (wall) => {
      now = wall
    },
  }
}
