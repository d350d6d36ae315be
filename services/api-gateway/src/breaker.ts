/** When a breaker opens, and for how long. */
export type BreakerLimits = {
  /** That many failures, one after the other with no answer between them. */
  readonly failures: number
  /** From the first of them to the last: a thousand that fail in one instant are one event. */
  readonly lastingMs: number
  /** Until the first trial; doubled each time a trial fails. */
  readonly openMs: number
  readonly openMsMax: number
  /** It opens for longer than the last time, unless it has been closed for this long. */
  readonly forgetMs: number
}

/** Keeps requests from what has failed too often in a row, but for a trial now and then. */
export type Breaker = {
  readonly isOpen: () => boolean
  /** How long it will refuse, if no trial succeeds before: 0 when a request may go now. */
  readonly remainingMs: () => number
  /** Says that a request goes now: when it is open the next trial has to wait as long again. */
  readonly tried: () => void
  readonly succeeded: () => void
  /** It failed; `cheaply` where a trial costs next to nothing, so that the next one need not wait for longer. */
  readonly failed: (cheaply?: boolean) => void
}

/**
 * Makes one, closed. Its trials are told by time alone: one that never ends, because it is slow or its client has left,
 * keeps nobody out.
 */
export const breakerOf = (
  { failures: failuresMax, lastingMs, openMs: openAtFirstMs, openMsMax, forgetMs }: BreakerLimits,
  monotonic: () => number,
): Breaker => {
  let failures = 0
  let failingSince = 0
  let open = false
  let onTrial = false
  let openMs = 0
  let nextTrialAt = 0
  let closedAt = 0

  return {
    isOpen: () => open,
    remainingMs: () => (open ? Math.max(0, nextTrialAt - monotonic()) : 0),
    tried: () => {
      if (!open) return
      onTrial = true
      nextTrialAt = monotonic() + openMs
    },
    succeeded: () => {
      failures = 0
      if (!open) return
      open = false
      onTrial = false
      closedAt = monotonic()
    },
    failed: (cheaply = false) => {
      failures += 1
      const now = monotonic()
      if (failures === 1) failingSince = now
      // What was under way when it opened tells nothing new: only a trial does.
      if (open ? !onTrial : failures < failuresMax || now - failingSince < lastingMs) return
      const isFresh = openMs === 0 || (!open && now - closedAt >= forgetMs)
      openMs = isFresh || cheaply ? openAtFirstMs : Math.min(openMs * 2, openMsMax)
      open = true
      onTrial = false
      nextTrialAt = now + openMs
    },
  }
}
