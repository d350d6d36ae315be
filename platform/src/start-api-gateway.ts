import { apiGateway, type ApiGateway } from '@gatehouse/api-gateway/api-gateway.ts'
import type { RouteFile } from '@gatehouse/api-gateway/own-route.ts'
import { ownUpstreams } from '@gatehouse/api-gateway/own-upstreams.ts'
import type { Ports } from '@gatehouse/api-gateway/ports.ts'
import { gatewayOperations } from '@gatehouse/contract/gateway.ts'
import { openApi } from '@gatehouse/contract/openapi.ts'
import { followRouteFile } from './follow-route-file.ts'
import { measureUpstreams } from './measure-upstreams.ts'
import { reachOver } from './reach.ts'
import { readRouteFile } from './read-route-file.ts'
import { SettingsFault } from './settings.ts'
import type { RunningVerifier } from './start-verifier.ts'
import type { Surroundings } from './surroundings.ts'

/** Builds the gateway before its two services. */
export const startApiGateway = async (
  upstreams: Ports['upstreams'],
  { verify, sessions }: RunningVerifier,
  around: Surroundings,
): Promise<ApiGateway> => {
  const { settings, adapters, life, metrics, clock, ids, observe, traces, serving } = around
  const path = settings.GATEWAY_ROUTES
  const routeFile = await routesAt(path)
  const reached = ownUpstreams(({ upstreams: urls, ...route }) => reachOver({ urls, ...route }, around))
  const rateLimits = await adapters.rateLimits()
  metrics.gauge('rate_limits_degraded', 'Whether this process counts requests alone, and lets fewer pass.', () =>
    rateLimits.isDegraded() ? 1 : 0,
  )
  let inForce = await reached(routeFile)
  measureUpstreams(metrics, () => [
    ['/auth', upstreams['auth-service']],
    ['/users', upstreams['user-service']],
    ...inForce.routes.map(({ prefix, to }) => [prefix, to] as const),
  ])
  const gateway = apiGateway({
    upstreams,
    routeFile: inForce,
    verify,
    sessions,
    limits: { webSocketConfirmMs: settings.REVOCATION_MAX_STALENESS_SECONDS * 1000 },
    rateLimits,
    ...(settings.TRUSTED_PROXIES === undefined ? {} : { trustedProxies: settings.TRUSTED_PROXIES }),
    observe,
    traces,
    clock,
    ids,
    openapi: JSON.stringify(openApi('api-gateway', serving.version, gatewayOperations)),
  })
  metrics.gauge('websockets_open', 'WebSockets that are open, or about to be.', gateway.upgrades.open)
  life.started('api-gateway', gateway.close)
  const change = async (file: RouteFile): Promise<void> => {
    inForce = await reached(file)
    gateway.change(inForce)
  }
  if (path !== undefined) followRouteFile(path, routeFile, change, around)
  return gateway
}

/** The routes to start with. A file with faults stops the start: nobody wants to find out by a 404. */
const routesAt = async (path: string | undefined): Promise<RouteFile> => {
  if (path === undefined) return { routes: [] }
  const { file, faults } = await readRouteFile(path)
  if (faults !== undefined) throw new SettingsFault(faults.map((fault) => `GATEWAY_ROUTES: ${fault}`))
  return file
}
