/** Something that must be over by a point in time. A link of the list that it waits in, so that waiting allocates nothing. */
export type Timed = {
  /** Monotonic milliseconds. */
  dueAt: number
  earlier: Timed | undefined
  later: Timed | undefined
  /** Its time is over; it has left the list. */
  readonly expire: () => void
}

/** Watches over many requests that may all take equally long. */
export type Deadlines = {
  /** Puts it at the end of the list. */
  readonly add: (timed: Timed, now: number) => void
  /** Takes it out; harmless when it is not in. */
  readonly remove: (timed: Timed) => void
}

/**
 * Makes a list without entries. They stand in the order in which they came, which is the order in which they are due:
 * one timer for all of them, where a timer for each would cost more than the rest of a request's book-keeping.
 */
export const deadlinesOf = (allowedMs: number, monotonic: () => number): Deadlines => {
  let first: Timed | undefined
  let last: Timed | undefined
  let timer: NodeJS.Timeout | undefined

  const remove = (timed: Timed): void => {
    const { earlier, later } = timed
    if (earlier === undefined && first !== timed) return
    if (earlier === undefined) first = later
    else earlier.later = later
    if (later === undefined) last = earlier
    else later.earlier = earlier
    timed.earlier = undefined
    timed.later = undefined
  }

  const expireDue = (): void => {
    timer = undefined
    const now = monotonic()
    for (let timed = first; timed !== undefined && timed.dueAt <= now; timed = first) {
      remove(timed)
      timed.expire()
    }
    // Rounded up: a timer that fires a fraction of a millisecond early would fire again and again.
    if (first !== undefined) wakeAfter(Math.ceil(first.dueAt - now))
  }

  /** A timer that is set already is left alone when what it was set for is over: it then sets itself for the next. */
  const wakeAfter = (ms: number): void => {
    timer ??= setTimeout(expireDue, ms).unref()
  }

  return {
    add: (timed, now) => {
      timed.dueAt = now + allowedMs
      timed.earlier = last
      if (last === undefined) first = timed
      else last.later = timed
      last = timed
      wakeAfter(allowedMs)
    },
    remove,
  }
}
