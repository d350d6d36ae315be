import { setTimeout as delay } from 'node:timers/promises'
import { median } from './figures.ts'
import { openHouse, type HousePlan } from './house.ts'
import { oneProcess } from './one-process.ts'
import type { Scenario } from './scenario.ts'
import { threeProcesses } from './three-processes.ts'

/** From the command to the first answer that says all is well. */
export const start: Scenario = {
  name: 'start',
  about:
    'From the start of our processes, all at once, to the first `GET /health` that says all is well; the databases ' +
    'are there, and brought up to date. Others are not shown: a start of theirs includes their database.',
  run: async ({ size, isWanted }) => {
    await using ending = new AsyncDisposableStack()
    const rows: string[][] = []
    for (const plan of [oneProcess, threeProcesses].filter(({ name }) => isWanted(name)))
      rows.push(await rowOf(plan, ending, size.starts))
    return { table: { head: ['contender', 'median ms', 'least', 'most', 'starts'], rows } }
  },
}

const rowOf = async ({ name, lay }: HousePlan, ending: AsyncDisposableStack, starts: number): Promise<string[]> => {
  const house = await lay(ending)
  const took: number[] = []
  // The first makes keys and tables: that happens once in a life, and is not counted.
  for (let count = 0; count <= starts; count += 1) {
    const begun = performance.now()
    const served = Object.values(await openHouse(house))
    try {
      await untilHealthy(house.port)
      took.push(performance.now() - begun)
    } finally {
      await Promise.all(served.map((life) => life.stop()))
    }
  }
  const counted = took.slice(1).map(Math.round)
  return [name, median(counted), Math.min(...counted), Math.max(...counted), counted.length].map(String)
}

const startMsMax = 30_000
/** Short beside a start, and long beside what asking costs it. */
const pauseMs = 5

const untilHealthy = async (port: number): Promise<void> => {
  for (const deadline = performance.now() + startMsMax; ;) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined)
    const said = await answer?.text()
    if (answer?.status === 200 && said?.includes('false') === false) return
    if (performance.now() > deadline) throw new Error(`not healthy after ${startMsMax} ms: ${said}`)
    await delay(pauseMs)
  }
}
