import { measure } from './measure.ts'
import { memoryByProcess } from './memory.ts'
import { rowEach, type Running } from './row-each.ts'
import type { Scenario, Size } from './scenario.ts'

/** What the processes hold before the first request, and after very many. */
export const memory: Scenario = {
  name: 'memory',
  about:
    'Resident megabytes when all is ready, and after so many profile reads (what was measured before, in ' +
    'this run, comes on top). What forked workers share counts once for each.',
  run: async ({ size, systems }) => {
    const head = ['contender', 'idle MB', 'after MB', 'requests', 'idle, by process', 'after']
    return { table: await rowEach(await systems(), head, (running) => rowOf(running, size)) }
  },
}

const rowOf = async ({ system, idleMegabytes }: Running, size: Size) => {
  const requests = await system.prepare('profile-read', 48)
  if ('absent' in requests) return requests
  const isOurs = system.name.startsWith('gatehouse')
  // Ours is given all the time it needs: what is claimed is said of a million.
  const seconds = isOurs ? oursSecondsMax : size.memorySeconds
  const plan = { requests, requestsMax: size.memoryRequests, connections: 48, seconds }
  const { requests: answered } = await measure(system, plan)
  const after = memoryByProcess(system.processes)
  return [total(idleMegabytes), total(after), String(answered), listed(idleMegabytes), listed(after)]
}

const oursSecondsMax = 600

type ByProcess = Readonly<Record<string, number>>

const total = (all: ByProcess): string =>
  Object.values(all)
    .reduce((sum, each) => sum + each, 0)
    .toFixed(0)

const listed = (all: ByProcess): string =>
  Object.entries(all)
    .map(([name, megabytes]) => `${name} ${megabytes.toFixed(0)}`)
    .join(', ')
