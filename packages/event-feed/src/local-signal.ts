import type { LogSignal } from './log-signal.ts'

/** The signal of a process that has no siblings, or no Redis: its own feed hears of its commits by a function call. */
export const localSignal = (): LogSignal => ({
  grew: () => {},
  onGrew: () => () => {},
  close: async () => {},
})
