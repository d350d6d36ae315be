import type { Contender } from './contender.ts'
import { startGateway } from './gateway.ts'
import { measure } from './measure.ts'
import { startNginx } from './nginx.ts'
import { startNodePeer } from './node-peer.ts'
import type { Scenario } from './scenario.ts'
import { takeTurns, type Entrant } from './turns.ts'
import { usualHeaders } from './usual-headers.ts'

/** A request to a service behind a proxy, where nothing but the hop is work. */
export const proxied: Scenario = {
  name: 'proxied',
  about:
    'A small answer of a service behind each proxy. Ours verifies the token, looks up its revocation, limits the ' +
    'rate, counts and logs; the others pass on. nginx as a plain proxy is the limit of the hop.',
  run: async ({ size, isWanted }) => {
    await using ending = new AsyncDisposableStack()
    const upstream = await startNginx('upstream')
    ending.defer(upstream.stop)
    // Without ours there is no token, which is nothing to those who do not look at it.
    const headers = { ...usualHeaders('none') }
    const starts: Readonly<Record<string, () => Promise<Contender>>> = {
      gatehouse: async () => {
        const gateway = await startGateway(upstream.port)
        Object.assign(headers, usualHeaders(gateway.token))
        return gateway
      },
      nginx: () => startNginx('proxy', upstream.port),
      'fastify-http-proxy': () => startNodePeer('fastify-http-proxy', upstream.port),
      'express-http-proxy-middleware': () => startNodePeer('express-http-proxy-middleware', upstream.port),
    }
    const entrants: Entrant[] = []
    for (const [name, start] of Object.entries(starts).filter(([name]) => isWanted(name))) {
      try {
        const contender = await start()
        ending.defer(contender.stop)
        const requests = [{ method: 'GET', path: '/bench/items?page=2', headers }]
        entrants.push({ name, round: (seconds) => measure(contender, { requests, connections: 48, seconds }) })
      } catch (error) {
        entrants.push({ name, absent: error instanceof Error ? error.message : String(error) })
      }
    }
    return { rows: await takeTurns(entrants, size), baseline: 'nginx' }
  },
}
