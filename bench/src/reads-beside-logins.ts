import { Agent, request } from 'node:http'
import { atRate } from './at-rate.ts'
import { median } from './figures.ts'
import { percentile } from './percentile.ts'
import { replay } from './replay.ts'
import { rowEach, type Running } from './row-each.ts'
import type { Scenario, Size } from './scenario.ts'
import type { AccountSystem, BenchRequest } from './system.ts'

/** Whether somebody who reads has to wait for those who log in. */
export const readsBesideLogins: Scenario = {
  name: 'reads-beside-logins',
  about:
    'Profiles are read 100 times a second, alone and beside as many logins as the system can answer, in turns. A ' +
    'read is timed from when it was due; the processes that ask share the machine.',
  run: async ({ size, systems }) => {
    const head = ['contender', 'p99 ms alone', 'p99 ms beside logins', 'times', 'p50 ms alone', 'beside', 'logins / s']
    return { table: await rowEach(await systems(), head, (running) => rowOf(running, size)) }
  },
}

const rowOf = async ({ system }: Running, size: Size) => {
  const [reads, logins] = [await system.prepare('profile-read', people), await system.prepare('login', people)]
  if ('absent' in reads) return reads
  if ('absent' in logins) return logins
  const beside = async (seconds: number) => {
    const load = replay({ port: system.port, requests: logins, connections: loginsAtOnce, seconds })
    const [tookMs, { requestsPerSecond }] = await Promise.all([readFor(system, reads, seconds), load])
    return { tookMs, requestsPerSecond }
  }
  await beside(size.warmUpSeconds)
  const alone: (readonly number[])[] = []
  const besides: Awaited<ReturnType<typeof beside>>[] = []
  for (let round = 0; round < size.rounds; round += 1) {
    alone.push(await readFor(system, reads, size.seconds))
    besides.push(await beside(size.seconds))
  }
  const middle = (rounds: readonly (readonly number[])[], share: number): number =>
    median(rounds.map((tookMs) => percentile(tookMs, share)))
  const among = besides.map(({ tookMs }) => tookMs)
  const [quiet, busy] = [middle(alone, 0.99), middle(among, 0.99)]
  const figures = [quiet, busy, busy / quiet, middle(alone, 0.5), middle(among, 0.5)].map((value) => value.toFixed(2))
  return [...figures, median(besides.map(({ requestsPerSecond }) => requestsPerSecond)).toFixed(0)]
}

const people = 48
const readsPerSecond = 100
/** As in the scenario `login`. */
const loginsAtOnce = 8

/** How long each read took. */
const readFor = async (
  { port }: AccountSystem,
  requests: readonly BenchRequest[],
  seconds: number,
): Promise<readonly number[]> => {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 1_000 })
  let asked = 0
  const reads = await atRate(readsPerSecond, seconds, () =>
    faultOf(agent, port, requests[(asked += 1) % requests.length]),
  )
  agent.destroy()
  const fault = reads.find(({ answer }) => answer !== undefined)?.answer
  if (fault !== undefined) throw new Error(`a read: ${fault}`)
  return reads.map(({ tookMs }) => tookMs)
}

/** Sends one, and says what was wrong with its answer. Not through fetch: its work would be a part of what is timed. */
const faultOf = (agent: Agent, port: number, one: BenchRequest | undefined): Promise<string | undefined> =>
  new Promise((resolve) => {
    const { method, path, headers } = one ?? { method: 'GET', path: '/' }
    const req = request({ agent, host: '127.0.0.1', port, method, path, headers: { ...headers } }, (res) => {
      res.on('error', ({ message }) => resolve(message))
      res.on('end', () => resolve(res.statusCode === 200 ? undefined : `${res.statusCode}`))
      res.resume()
    })
    req.on('error', ({ message }) => resolve(message))
    req.end()
  })
