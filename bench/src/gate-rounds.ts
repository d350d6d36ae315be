import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { spawnNode } from '@gatehouse/testing/processes.ts'
import type { Contender } from './contender.ts'
import type { GateRound } from './gate-verdict.ts'
import { startGateway } from './gateway.ts'
import { load } from './load.ts'
import { startNginx } from './nginx.ts'
import { peersFolder } from './peers-folder.ts'
import { processorMicroseconds } from './processor-time.ts'
import { startWholeHouse } from './whole-house.ts'

/** How long the gate measures. */
export type GateSize = {
  readonly rounds: number
  readonly secondsPerRun: number
  /** Requests before the first round: as many as V8 needs until it compiles nothing more. */
  readonly warmUpRequests: number
  readonly warmUpRunsMax: number
  readonly connections: number
}

type Scenario = {
  readonly name: string
  readonly pids: readonly number[]
  readonly url: string
  readonly token: string
}

/**
 * Starts the house, measures the scenarios and the calibration loop in turns, and ends everything: processor time a
 * request of the processes that serve it.
 */
export const gateRounds = async (size: GateSize): Promise<ReadonlyMap<string, readonly GateRound[]>> => {
  await using ending = new AsyncDisposableStack()
  const kept = <Started extends { readonly stop: () => Promise<void> }>(started: Started): Started => {
    ending.defer(started.stop)
    return started
  }
  const upstream = kept(await startNginx('upstream'))
  const gateway = kept(await startGateway(upstream.port))
  const house = kept(await startWholeHouse())
  const loop = kept(await startCalibrationLoop(upstream.port))
  const item = (name: string, { port, processes }: Contender): Scenario => ({
    name,
    pids: Object.values(processes),
    url: `http://127.0.0.1:${port}/bench/items`,
    token: gateway.token,
  })
  const origin = `http://127.0.0.1:${house.port}`
  const scenarios: readonly Scenario[] = [
    { name: 'profile-read', pids: [house.pid()], url: `${origin}/users/profile`, token: await profileOwner(origin) },
    item('proxied-answer', gateway),
  ]
  const calibration = item('calibration', loop)
  for (const scenario of [...scenarios, calibration]) await warmUp(scenario, size)
  const seen = new Map<string, GateRound[]>(scenarios.map(({ name }) => [name, []]))
  for (let round = 0; round < size.rounds; round += 1) {
    const calibrated = await costOfRun(calibration, size)
    for (const scenario of scenarios)
      seen.get(scenario.name)?.push({ microseconds: await costOfRun(scenario, size), calibration: calibrated })
  }
  return seen
}

/**
 * A loop whose cost moves with the machine as ours does: of bare sockets, arithmetic, `node:http` and nginx this one
 * kept the ratio steadiest beside other work (docs/decisions/0011-the-gate.md).
 */
const startCalibrationLoop = async (upstreamPort: number): Promise<Contender> => {
  const port = await freePort()
  const env = { PORT: String(port), UPSTREAM: `http://127.0.0.1:${upstreamPort}` }
  const loop = spawnNode([join(peersFolder, 'bare-proxy.mjs')], env)
  await loop.waitForUrl(`http://127.0.0.1:${port}/`)
  return { name: 'calibration', port, processes: { loop: loop.pid }, stop: async () => void (await loop.stop()) }
}

/** How long it takes to be warm depends on what else the machine does, so requests are counted and not seconds. */
const warmUp = async (scenario: Scenario, { warmUpRequests, warmUpRunsMax, connections }: GateSize): Promise<void> => {
  for (let requests = 0, runs = 0; requests < warmUpRequests && runs < warmUpRunsMax; runs += 1)
    requests += (await send(scenario, connections, 1)).requests
}

const costOfRun = async (scenario: Scenario, { connections, secondsPerRun }: GateSize): Promise<number> => {
  const before = processorMicroseconds(scenario.pids)
  const { requests } = await send(scenario, connections, secondsPerRun)
  return (processorMicroseconds(scenario.pids) - before) / requests
}

const send = ({ url, token }: Scenario, connections: number, seconds: number) =>
  load({ url, headers: { Authorization: `Bearer ${token}` }, connections, seconds })

/** The token of somebody who has a profile. */
const profileOwner = async (origin: string): Promise<string> => {
  const [email, password] = ['gate@example.org', randomBytes(12).toString('hex')]
  await ask('POST', `${origin}/auth/register`, { username: 'gate', email, password })
  const { token } = await ask('POST', `${origin}/auth/login`, { email, password })
  if (typeof token !== 'string') throw new Error('a login gives a token')
  await ask('PUT', `${origin}/users/profile`, { bio: 'Read by the gate.' }, token)
  return token
}

const ask = async (method: string, url: string, body: object, token = ''): Promise<Record<string, unknown>> => {
  const headers = { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) }
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status} ${text}`)
  // What our own services answer is an object.
  return JSON.parse(text) as Record<string, unknown>
}
