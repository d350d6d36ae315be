import type { AccountEvent } from '@gatehouse/contract/events.ts'

/**
 * The event log as the feed reads it. Every method sees all that was committed before it was called (never a lagging
 * copy), answers in ascending order of `seq`, and fails within a bounded time when the database is away.
 */
export type EventLog = {
  /** At most `limit` events after the place `after` that can still matter to a token. */
  readonly readInForce: (after: number, limit: number) => Promise<readonly AccountEvent[]>
  /** At most `limit` events after the place `after`. */
  readonly readAfter: (after: number, limit: number) => Promise<readonly AccountEvent[]>
  /** The highest place that is taken, 0 for an empty log. */
  readonly last: () => Promise<number>
}
