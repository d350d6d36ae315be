import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import type { AccessTokenVerifier } from '@gatehouse/access-tokens/verifier.ts'
import { apiGateway } from '@gatehouse/api-gateway/api-gateway.ts'
import type { RouteFile } from '@gatehouse/api-gateway/own-route.ts'
import type { Ports } from '@gatehouse/api-gateway/ports.ts'
import { gatewayOperations } from '@gatehouse/contract/gateway.ts'
import { openApi } from '@gatehouse/contract/openapi.ts'
import { reachOver } from './reach.ts'
import { SettingsFault } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

/** Builds the gateway before its two services. */
export const startApiGateway = async (
  upstreams: Ports['upstreams'],
  { verify }: AccessTokenVerifier,
  { settings, life, clock, ids, observe, traces, serving }: Surroundings,
): Promise<RequestListener> => {
  const { routes, ...everywhere } = await readRoutes(settings.GATEWAY_ROUTES)
  const { listener, close } = apiGateway({
    upstreams,
    routeFile: {
      ...everywhere,
      routes: await Promise.all(routes.map(async (route) => ({ ...route, to: await reachOver(route.upstreams) }))),
    },
    verify,
    ...(settings.TRUSTED_PROXIES === undefined ? {} : { trustedProxies: settings.TRUSTED_PROXIES }),
    observe,
    traces,
    clock,
    ids,
    openapi: JSON.stringify(openApi('api-gateway', serving.version, gatewayOperations)),
  })
  life.started('api-gateway', close)
  return listener
}

const readRoutes = async (path: string | undefined): Promise<RouteFile> => {
  if (path === undefined) return { routes: [] }
  // With its YAML parser loaded only where there is a file.
  const { parseRoutes } = await import('@gatehouse/api-gateway/route-file.ts')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new SettingsFault([`GATEWAY_ROUTES names ${path}, which cannot be read`])
  }
  const { file, faults } = parseRoutes(text, path)
  if (faults !== undefined) throw new SettingsFault(faults)
  return file
}
