import type { Quota } from './counter.ts'

/**
 * Says of each request whether it may pass, such that in no window of time more pass than there are points. A limit is
 * never absent: without Redis it is counted here.
 */
export type RateLimits = {
  /** Of the same quota there is one count, however often it is asked for. */
  readonly limit: (quota: Quota) => Take
  /** Whether each process counts for itself although there is more than one. */
  readonly isDegraded: () => boolean
  readonly close: () => Promise<void>
}

/** Takes one permit for a key: at once wherever what is known here is enough. Never fails. */
export type Take = (key: string) => Taken | Promise<Taken>

/** What was taken, and what is left as far as it is known here. */
export type Taken = {
  readonly passed: boolean
  /** Others may have taken of it meanwhile. */
  readonly left: number
  /** Until the oldest of what was taken is forgotten: for one who was refused, when to come again. */
  readonly resetMs: number
}

/** What stands before each key of a quota: what is counted by another rule is counted anew. */
export const prefixOf = ({ name, points, windowSeconds }: Quota): string => `${name} ${points}/${windowSeconds} `
