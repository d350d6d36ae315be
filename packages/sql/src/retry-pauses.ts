import type { Limits } from './limits.ts'

/**
 * Makes the waits between attempts: longer each time, and spread evenly over their range, so that two who met do not
 * meet again. Multiples of the golden ratio spread as well as random numbers do, and can be foreseen; processes
 * start at different places.
 */
export const retryPauses = ({ retryPauseMsMax }: Limits): ((attempt: number) => number) => {
  let place = process.pid
  return (attempt) => {
    place += 1
    return retryPauseMsMax * attempt * ((place * goldenRatio) % 1)
  }
}

const goldenRatio = 0.618_033_988_749_895
