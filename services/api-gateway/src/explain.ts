import { ServerResponse } from 'node:http'
import { problemOf } from '@gatehouse/contract/problem.ts'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import { apiGateway } from './api-gateway.ts'
import { exchangeOf } from './exchange.ts'
import { explanationOf, type Sent } from './explanation.ts'
import { madeUpRequest, type MadeUp } from './made-up-request.ts'
import type { RouteFile } from './own-route.ts'
import type { Ports, Upstream } from './ports.ts'

/** What is asked about. */
export type Explained = {
  readonly asked: MadeUp
  readonly file: RouteFile
  /** Where each prefix of the file stands, as `file:line:column`. */
  readonly places: ReadonlyMap<string, string>
}

/** What would come of a request: every decision with the rule behind it, and whether it would be refused. */
export type Explanation = { readonly text: string; readonly isRefused: boolean }

/**
 * Says what would become of a request. It is taken through the steps of a real gateway, whose upstreams write down
 * what they are given, and whose tokens are all good: whose they are only a running one can know.
 */
export const explain = async (
  { asked, file, places }: Explained,
  ports: Omit<Ports, 'upstreams' | 'routeFile' | 'verify' | 'rateLimits' | 'sessions' | 'observe' | 'openapi'>,
): Promise<Explanation> => {
  let sent: Sent | undefined
  const writesDown = (service: string): Upstream => ({
    forward: async (_req, _res, onward) => void (sent = { service, onward }),
    healthy: async () => true,
    state: () => ({ underWay: 0, failures: 0, circuit: 'closed', origins: [] }),
    close: async () => {},
  })
  const { find, take } = apiGateway({
    ...ports,
    upstreams: { 'auth-service': writesDown('auth-service'), 'user-service': writesDown('user-service') },
    routeFile: {
      ...file,
      routes: file.routes.map((route) => ({ ...route, to: writesDown(route.upstreams.join(', ')) })),
    },
    verify: () => ({ userId: "(the token's user)", sessionId: "(the token's session)", tokenId: '', expiresAt: 0 }),
    // The first of its window: what has been counted only a running gateway knows, too.
    rateLimits: {
      limit:
        ({ points, windowSeconds }) =>
        () => ({ passed: true, left: points - 1, resetMs: windowSeconds * 1000 }),
      isDegraded: () => false,
      close: async () => {},
    },
    sessions: { onRevoked: () => {}, fresh: () => true },
    observe: () => {},
    openapi: '',
  })
  const req = madeUpRequest(asked)
  const exchange = exchangeOf(req, new ServerResponse(req), 0)
  let refusal: Refusal | undefined
  try {
    await take(exchange)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    refusal = error
  }
  const problem =
    refusal === undefined ? undefined : problemOf(refusal, { speaker: 'gateway', requestId: exchange.requestId })
  return {
    text: explanationOf({ exchange, find, file, places, sent, refusal, status: problem?.status }),
    isRefused: refusal !== undefined,
  }
}
