import type { Contender } from './contender.ts'
import { forgetPeaks, peakMegabytes } from './memory.ts'
import { processorMicroseconds } from './processor-time.ts'
import { replay, type Replay } from './replay.ts'
import type { Round } from './turns.ts'

/** Sends the load, and reads what it cost each of the contender's processes: the load program's own work is not in it. */
export const measure = async ({ port, processes }: Contender, plan: Omit<Replay, 'port'>): Promise<Round> => {
  const pids = Object.values(processes)
  forgetPeaks(pids)
  const before = spent(processes)
  const load = await replay({ port, ...plan })
  const after = spent(processes)
  const microseconds = Object.entries(after).map(([name, total]) => [name, total - (before[name] ?? 0)] as const)
  return { ...load, microseconds: Object.fromEntries(microseconds), peakMegabytes: peakMegabytes(pids) }
}

const spent = (processes: Contender['processes']): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, processorMicroseconds([pid])]))
