/**
 * How the replicas of auth-service tell each other that the event log grew. A hint and nothing more: it may be lost,
 * late or repeated, it never waits and never fails, and without it the log is still read every 250 ms.
 */
export type LogSignal = {
  /** Tells the other replicas. Returns at once. */
  readonly grew: () => void
  /** Calls `listener` when another replica has told, until the returned function is called. */
  readonly onGrew: (listener: () => void) => () => void
  readonly close: () => Promise<void>
}
