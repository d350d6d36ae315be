import assert from 'node:assert/strict'
import type { Contender } from '@gatehouse/bench/contender.ts'
import { startGateway } from '@gatehouse/bench/gateway.ts'
import { load } from '@gatehouse/bench/load.ts'
import { startNginx } from '@gatehouse/bench/nginx.ts'
import { startNodePeer } from '@gatehouse/bench/node-peer.ts'
import { percentile } from '@gatehouse/bench/percentile.ts'
import { processorMicroseconds } from '@gatehouse/bench/processor-time.ts'
import { usualHeaders } from '@gatehouse/bench/usual-headers.ts'
import { rounded, type Figures, type Proof } from './proof.ts'

type Size = {
  readonly rounds: number
  readonly secondsPerRun: number
  readonly warmUpSeconds: number
  readonly connections: number
  /** Whether the two proxies in Node are measured as well: their packages have to be installed for it. */
  readonly nodePeers: boolean
  /** Times what nginx costs. */
  readonly ratioToNginxMax: number
}

/**
 * What a proxied request costs in processor time, with the token verified, its revocation looked up, the rate limited,
 * metrics and access line, beside nginx as a plain proxy and what people use in Node, in turns in one run.
 */
export const gatewayCost: Proof<Size> = {
  name: 'gateway-cost',
  full: { rounds: 9, secondsPerRun: 4, warmUpSeconds: 6, connections: 48, nodePeers: true, ratioToNginxMax: 2.2 },
  // The bound of the small size is for a change that doubles the cost; the machine has other work at the same time.
  small: { rounds: 3, secondsPerRun: 1, warmUpSeconds: 3, connections: 48, nodePeers: false, ratioToNginxMax: 7 },
  run: async (size) => {
    await using ending = new AsyncDisposableStack()
    const kept = <Started extends Contender>(started: Started): Started => {
      ending.defer(started.stop)
      return started
    }
    const upstream = kept(await startNginx('upstream'))
    const gateway = kept(await startGateway(upstream.port))
    const nginx = kept(await startNginx('proxy', upstream.port))
    const contenders: Contender[] = [gateway, nginx]
    if (size.nodePeers) {
      contenders.push(kept(await startNodePeer('fastify-http-proxy', upstream.port)))
      contenders.push(kept(await startNodePeer('express-http-proxy-middleware', upstream.port)))
    }
    const measure = runnerOf(size, usualHeaders(gateway.token))
    for (const contender of contenders) await measure(contender, size.warmUpSeconds)
    const seen = new Map<Contender, Run[]>(contenders.map((contender) => [contender, []]))
    for (let round = 0; round < size.rounds; round += 1) {
      for (const [contender, runs] of seen) runs.push(await measure(contender, size.secondsPerRun))
    }
    const costs = new Map([...seen].map(([{ name }, runs]) => [name, median(runs.map(({ cost }) => cost))]))
    const ours = costs.get('gatehouse') ?? Number.NaN
    const ratios = Object.fromEntries(
      [...costs].filter(([name]) => name !== 'gatehouse').map(([name, cost]) => [`times_${name}`, ratio(ours / cost)]),
    )
    const measured = [...seen].flatMap(([{ name }, runs]) => Object.entries(figuresOf(name, runs)))
    const figures: Figures = { ...ratios, ...Object.fromEntries(measured) }
    assertRatios(ratios, size, figures)
    return figures
  },
}

type Run = { readonly cost: number; readonly requestsPerSecond: number; readonly p50Ms: number; readonly p99Ms: number }

const runnerOf =
  ({ connections }: Size, headers: Readonly<Record<string, string>>) =>
  async ({ port, processes }: Contender, seconds: number): Promise<Run> => {
    const pids = Object.values(processes)
    const before = processorMicroseconds(pids)
    const seen = await load({ url: `http://127.0.0.1:${port}/bench/items?page=2`, headers, connections, seconds })
    return { ...seen, cost: (processorMicroseconds(pids) - before) / seen.requests }
  }

const assertRatios = (ratios: Readonly<Record<string, number>>, { ratioToNginxMax }: Size, all: Figures): void => {
  for (const [name, found] of Object.entries(ratios)) {
    const most = name === 'times_nginx' ? ratioToNginxMax : ratioToNodePeersMax
    assert.ok(found <= most, `${name}: ${found} is more than ${most}: ${JSON.stringify(all, undefined, 2)}`)
  }
}

const ratioToNodePeersMax = 0.5

const median = (values: readonly number[]): number => percentile(values, 0.5)

const ratio = (value: number): number => Math.round(value * 100) / 100

const figuresOf = (name: string, runs: readonly Run[]): Figures => {
  const costs = runs.map(({ cost }) => cost)
  return {
    [`${name}_cpu_us_per_request`]: rounded(median(costs)),
    [`${name}_cpu_us_per_request_least`]: rounded(Math.min(...costs)),
    [`${name}_requests_per_second`]: Math.round(median(runs.map(({ requestsPerSecond }) => requestsPerSecond))),
    [`${name}_p50_ms`]: rounded(median(runs.map(({ p50Ms }) => p50Ms))),
    [`${name}_p99_ms`]: rounded(median(runs.map(({ p99Ms }) => p99Ms))),
  }
}
