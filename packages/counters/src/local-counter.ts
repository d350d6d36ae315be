import { RateLimiterMemory, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible'
import type { Counter, Quota } from './counter.ts'

/** A counter of this process alone. */
export const localCounter = ({ name, points, windowSeconds }: Quota): Counter => {
  const limiter = new RateLimiterMemory({ keyPrefix: name, points, duration: windowSeconds })

  const giveBack = async (key: string): Promise<void> => {
    const { consumedPoints } = await limiter.reward(key)
    // Its window is over, or never began: the library would owe it to the next one.
    if (consumedPoints < 0) await limiter.penalty(key)
  }
  return {
    take: async (key) => {
      const waitMs = await waitOf(limiter, key)
      // The library also counts what it refuses: then a place that is given back would be none.
      if (waitMs > 0) await giveBack(key)
      return waitMs
    },
    giveBack,
    close: async () => {},
  }
}

/** Takes one from a limiter of the library; 0, or the milliseconds until there is one. */
export const waitOf = async (limiter: Pick<RateLimiterAbstract, 'consume'>, key: string): Promise<number> => {
  try {
    await limiter.consume(key)
    return 0
  } catch (answer) {
    // Nothing left is thrown, and is no error.
    if (answer instanceof RateLimiterRes) return Math.max(answer.msBeforeNext, 1)
    throw answer
  }
}
