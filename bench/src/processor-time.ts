import { processTree } from './process-tree.ts'

/**
 * Microseconds of processor time that these processes and all their descendants have used so far, in user and kernel
 * mode, by the operating system's own accounting: steps of 10 ms.
 */
export const processorMicroseconds = (pids: readonly number[]): number =>
  processTree(pids).reduce((sum, { ticks }) => sum + ticks * microsecondsPerTick, 0)

/** Of Linux' accounting, whatever its own clock does: USER_HZ is 100 on every architecture that Node runs on. */
const microsecondsPerTick = 10_000
