/** How much repeating is allowed. */
export type RetryLimits = {
  /** What each answered request adds: the share of the traffic that may be repeats. */
  readonly retriesShare: number
  /** What can be saved up, and what there is at first. */
  readonly retriesSavedMax: number
}

/** Bounds what repeating adds to the load of a service in trouble. */
export type RetryBudget = {
  /** A request was answered. */
  readonly earn: () => void
  /** Whether one more may be repeated; if so, it is counted. */
  readonly spend: () => boolean
}

/**
 * Makes a budget with all that can be saved up. It counts requests, not what is under way: when one of two replicas
 * dies, half of all that is under way fails in the same instant, and may well be repeated.
 */
export const retryBudget = ({ retriesShare, retriesSavedMax }: RetryLimits): RetryBudget => {
  let saved = retriesSavedMax
  return {
    earn: () => {
      if (saved < retriesSavedMax) saved += retriesShare
    },
    spend: () => {
      if (saved < 1) return false
      saved -= 1
      return true
    },
  }
}
