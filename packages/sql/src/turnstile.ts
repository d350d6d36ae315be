/** Lets one through at a time, in the order of arrival, and nobody wait for ever. */
export type Turnstile = {
  /** Waits for its turn. Fails when too many wait already or when the turn does not come in time. */
  readonly enter: () => Promise<void>
  /** Lets the next one through. */
  readonly leave: () => void
  /** Whether somebody is inside. */
  readonly isTaken: () => boolean
}

type Bounds = { readonly waitingMax: number; readonly timeoutMs: number; readonly refusal: (reason: string) => Error }

/** Makes a turnstile with a bounded queue. */
export const turnstile = ({ waitingMax, timeoutMs, refusal }: Bounds): Turnstile => {
  // A Set keeps the order of arrival and lets one who gives up leave from the middle.
  const waiting = new Set<() => void>()
  let isTaken = false
  return {
    isTaken: () => isTaken,
    enter: () => {
      if (!isTaken) {
        isTaken = true
        return Promise.resolve()
      }
      if (waiting.size >= waitingMax) return Promise.reject(refusal(`${waitingMax} callers wait already`))
      return new Promise((resolve, reject) => {
        const admit = (): void => {
          clearTimeout(timer)
          resolve()
        }
        const timer = setTimeout(() => {
          waiting.delete(admit)
          reject(refusal(`waited ${timeoutMs} ms for the turn; does a transaction use a handle other than its own?`))
        }, timeoutMs)
        waiting.add(admit)
      })
    },
    leave: () => {
      const [next] = waiting
      if (next === undefined) {
        isTaken = false
        return
      }
      waiting.delete(next)
      next()
    },
  }
}
