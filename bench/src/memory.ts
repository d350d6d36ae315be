import { writeFileSync } from 'node:fs'
import { memoryOf } from '@gatehouse/testing/memory-of.ts'
import type { Contender } from './contender.ts'
import { processTree } from './process-tree.ts'

/** Megabytes that each process holds now, with its descendants. What forked workers share counts once for each. */
export const memoryByProcess = (processes: Contender['processes']): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, megabytes([pid], 'VmRSS')]))

/** The most that each of them held at a time since the peaks were forgotten, added up. */
export const peakMegabytes = (pids: readonly number[]): number => megabytes(pids, 'VmHWM')

/** Lets the peaks begin anew at what is held now. */
export const forgetPeaks = (pids: readonly number[]): void => {
  for (const { pid } of processTree(pids)) {
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, '5')
    } catch {
      // It ended, or belongs to somebody else: then its peak is that of its whole life.
    }
  }
}

const megabytes = (pids: readonly number[], field: 'VmRSS' | 'VmHWM'): number =>
  processTree(pids).reduce((sum, { pid }) => sum + heldBy(pid, field), 0)

const heldBy = (pid: number, field: 'VmRSS' | 'VmHWM'): number => {
  try {
    return memoryOf(pid, field)
  } catch {
    // It ended while we looked.
    return 0
  }
}
