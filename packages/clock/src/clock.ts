/** Tells the time. Passed in everywhere, so that a test can move it. */
export type Clock = {
  /** Wall time in milliseconds since the epoch, UTC. May jump: never measure a duration with it. */
  readonly now: () => number
  /** Milliseconds since an arbitrary start; never goes back. Leases and durations are measured with it. */
  readonly monotonic: () => number
}
