import { ServerResponse, createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Bearer } from '@gatehouse/contract/operation.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { localRateLimits } from '@gatehouse/counters/local-rate-limits.ts'
import { listen } from '@gatehouse/http/listen.ts'
import type { Answered } from '@gatehouse/observe/answered.ts'
import { defaultSampler, traces } from '@gatehouse/observe/traces.ts'
import { foreseeableIds } from '@gatehouse/testing/foreseeable-ids.ts'
import { listening } from '@gatehouse/testing/listening.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { apiGateway } from './api-gateway.ts'
import { exchangeOf, type Exchange } from './exchange.ts'
import { limits, type UpstreamLimits } from './limits.ts'
import { madeUpRequest, type MadeUp } from './made-up-request.ts'
import { networkUpstream } from './network-upstream.ts'
import type { Check, OwnRoute, RouteFile, Timeouts } from './own-route.ts'
import { ownUpstreams } from './own-upstreams.ts'
import type { Ports, Upstream } from './ports.ts'
import { routeDefaults } from './route-grammar.ts'

/** An exchange as the server would open it, for a request that says this. */
export const exchangeFor = (asked: MadeUp = {}): Exchange => {
  const req = madeUpRequest(asked)
  return exchangeOf(req, new ServerResponse(req), 0)
}

/** The caller behind the one token that the gateways of these tests accept. */
export const ada: Bearer = { userId: 'user-ada', sessionId: 'session-1', tokenId: 'token-1', expiresAt: 4_102_444_800 }

/** That token. */
export const adasToken = 'header.payload.signature'

const systemClock: Clock = { now: Date.now, monotonic: () => performance.now() }

/** A gateway that listens, and what it observed. */
export type RunningGateway = AsyncDisposable & {
  readonly port: number
  readonly url: string
  readonly observed: readonly Answered[]
  /** Puts these routes of one's own in the place of those before. */
  readonly change: (...routes: readonly GivenRoute[]) => Promise<void>
  /** How many WebSockets are open, or about to be. */
  readonly webSockets: () => number
  /** Ends all WebSockets, as a process does that stops. */
  readonly endWebSockets: () => void
  /** The observation number `count`, once it was made. */
  readonly observation: (count: number) => Promise<Answered>
}

/** A route of one's own; what is left out is what a route file that leaves it out means. */
type GivenRoute = Pick<OwnRoute, 'prefix' | 'upstreams'> & Partial<OwnRoute>

/** Starts a gateway on a free port. What is not given answers 204 from within the process. */
export const startGateway = async (
  ports: Partial<Omit<Ports, 'routeFile'>> & {
    readonly auth?: Upstream
    readonly users?: Upstream
    readonly ownRoutes?: readonly GivenRoute[]
    /** What the route file says for every route. */
    readonly everywhere?: Omit<RouteFile, 'routes'>
    /** Whether it reads simple requests itself; it does where it can. */
    readonly lane?: boolean
  } = {},
): Promise<RunningGateway> => {
  const observed: Answered[] = []
  const ids = foreseeableIds()
  const {
    auth = answering204(),
    users = answering204(),
    ownRoutes = [],
    everywhere = {},
    lane = true,
    ...others
  } = ports
  const find = ownUpstreams((route) => networked(route.upstreams))
  const reached = (routes: readonly GivenRoute[]) =>
    find({ ...everywhere, routes: routes.map((route) => ({ ...routeDefaults, ...route })) })
  const gateway = apiGateway({
    upstreams: { 'auth-service': auth, 'user-service': users },
    routeFile: await reached(ownRoutes),
    verify: (token) => {
      if (token !== adasToken) throw refuse('token-invalid')
      return ada
    },
    rateLimits: localRateLimits({ clock: systemClock, random: Math.random }),
    sessions: { onRevoked: () => {}, fresh: () => true },
    observe: (answered) => observed.push(answered),
    clock: systemClock,
    ids,
    traces: traces(ids, defaultSampler),
    openapi: '{"openapi":"3.1.0"}',
    ...others,
  })
  const { port, drain } = await listen(gateway.listener, {
    host: '127.0.0.1',
    port: 0,
    speaker: 'gateway',
    newRequestId: foreseeableIds().uuidv7,
    limits,
    upgrades: gateway.upgrades,
    lane: lane ? { ...gateway.lane, clock: systemClock } : undefined,
  })
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    observed,
    change: async (...routes) => gateway.change(await reached(routes)),
    webSockets: gateway.upgrades.open,
    endWebSockets: gateway.upgrades.end,
    observation: async (count) => {
      await waitFor(() => observed.length >= count, { what: `${count} observations` })
      const answered = observed[count - 1]
      if (answered === undefined) throw new Error('unreachable')
      return answered
    },
    [Symbol.asyncDispose]: async () => {
      gateway.upgrades.end()
      await drain(0)
      await gateway.close()
    },
  }
}

/** What a test may want other than it is: limits and times it must wait for, and what a route would say. */
type Unusual = Partial<UpstreamLimits> &
  Partial<Timeouts> & { readonly retriesMax?: number; readonly check?: Check; readonly clock?: Clock }

/** A service across the network at these origins. */
export const networked = (urls: readonly string[] | string, unusual: Unusual = {}): Upstream => {
  const { retriesMax = routeDefaults.retriesMax, check, clock = systemClock, ...bounds } = unusual
  return networkUpstream({
    urls: [urls].flat(),
    limits: { ...limits, ...bounds },
    timeouts: { ...routeDefaults.timeouts, ...bounds },
    clock,
    random: () => 0,
    retriesMax,
    check,
  })
}

/** A server of HTTP on loopback that listens. */
export type RunningServer = AsyncDisposable & { readonly port: number; readonly url: string; readonly server: Server }

/** A service as a test writes one: at once or later. */
export type Serve = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>

/** Starts a server of HTTP on this port, or a free one. */
export const startServer = async (serve: Serve, at = 0): Promise<RunningServer> => {
  const server = createServer((req, res) => void serve(req, res))
  const port = await listening(server, at)
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    server,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Starts a server that is given each connection as bytes: for answers that no HTTP server would give. */
export const startRawServer = async (
  onConnection: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly url: string }> => {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  const port = await listening(server)
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** Starts an upstream that says these bytes to every request, and then hangs up unless it is told to wait. */
export const saying = (bytes: string, then: 'end' | 'reset' | 'wait' = 'end') =>
  startRawServer((socket) => {
    socket.once('data', () => {
      socket.write(bytes, 'latin1', () => {
        if (then === 'end') socket.end()
        if (then === 'reset') socket.resetAndDestroy()
      })
    })
  })

/** The bytes of a GET. */
export const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: gate.test\r\n\r\n`

/**
 * What came back on a connection, and how it ended: `error` is the code of a reset, `open` that it was still open at
 * `until`.
 */
export type Heard = { readonly text: string; readonly end: 'end' | 'error' | 'open' }

/** A client's connection, and what comes on it. */
type OpenConnection = {
  readonly socket: Socket
  /** Sends these bytes; what came since, once it is complete or the other side has closed. */
  readonly ask: (bytes: string, complete: (text: string) => boolean) => Promise<string>
  /** How the other side has ended it, when it has. */
  readonly end: () => 'end' | 'error' | undefined
}

/** Opens a connection to this port of the loopback address. */
export const openTo = (port: number): OpenConnection => {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let end: 'end' | 'error' | undefined
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.on('end', () => (end ??= 'end'))
  socket.on('error', () => (end ??= 'error'))
  return {
    socket,
    ask: async (bytes, complete) => {
      text = ''
      socket.write(bytes, 'latin1')
      await waitFor(() => end !== undefined || complete(text), { what: 'an answer' })
      return text
    },
    end: () => end,
  }
}

/** Sends these bytes and listens until the other side closes, or until what came fulfils `until`. */
export const say = async (
  port: number,
  bytes: string,
  until: (text: string) => boolean = () => false,
): Promise<Heard> => {
  const { socket, ask, end } = openTo(port)
  const text = await ask(bytes, until)
  socket.destroy()
  return { text, end: end() ?? 'open' }
}

const answering204 = (): Upstream => ({
  forward: (_req, res, { answerHeaders }) =>
    new Promise((resolve) => {
      res.on('close', resolve)
      res.writeHead(204, [...answerHeaders])
      res.end()
    }),
  healthy: async () => true,
  state: () => ({ underWay: 0, failures: 0, circuit: 'closed', origins: [] }),
  close: async () => {},
})
