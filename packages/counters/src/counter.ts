/** Counts what may happen only so often in a window of time, for each key. */
export type Counter = {
  /**
   * Takes one of what is left and answers 0, or answers the milliseconds until there is one. Never fails: without Redis
   * it counts here.
   */
  readonly take: (key: string) => Promise<number>
  /** Gives back what `take` took: it did not happen. */
  readonly giveBack: (key: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** How often, and in which time. */
export type Quota = {
  /** A name of its own for each thing that is counted. */
  readonly name: string
  readonly points: number
  readonly windowSeconds: number
}
