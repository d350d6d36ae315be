/** Wakes the one who waits. A ring that comes before the wait is not lost, and any number of them count as one. */
export type Doorbell = {
  readonly ring: () => void
  /** Returns once it has rung since the last wait, or when `timeoutMs` are over. */
  readonly wait: (timeoutMs?: number) => Promise<void>
}

/** Makes a doorbell for a single waiter. */
export const doorbell = (): Doorbell => {
  let hasRung = false
  let wake = (): void => {}
  return {
    ring: () => {
      hasRung = true
      wake()
    },
    wait: async (timeoutMs) => {
      if (!hasRung) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs)
        await promise
        clearTimeout(timer)
      }
      hasRung = false
    },
  }
}
