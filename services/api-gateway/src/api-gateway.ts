import { Refusal, refuse } from '@gatehouse/contract/refusals.ts'
import type { Laned } from '@gatehouse/http/lane/fast-lane.ts'
import type { Listener } from '@gatehouse/http/listener.ts'
import { answerRefusal, breakOff } from './answer.ts'
import { exchangeOf, type Exchange, type Step } from './exchange.ts'
import { fieldMemory } from './known-fields.ts'
import { limits } from './limits.ts'
import type { Ports, ReachedRouteFile } from './ports.ts'
import { routesOf } from './routes-of.ts'
import type { FindRoute } from './routes.ts'
import { authenticate } from './steps/authenticate.ts'
import { boundTheBody } from './steps/bound-the-body.ts'
import { checkTheHandshake } from './steps/check-the-handshake.ts'
import { checkTheMethod } from './steps/check-the-method.ts'
import { dropWhatOnlyWeMaySay } from './steps/drop-what-only-we-may-say.ts'
import { findTheClient } from './steps/find-the-client.ts'
import { findTheRoute } from './steps/find-the-route.ts'
import { forward } from './steps/forward.ts'
import { joinTheTrace } from './steps/join-the-trace.ts'
import { limitTheRate } from './steps/limit-the-rate.ts'
import { nameTheRequest } from './steps/name-the-request.ts'
import { refuseWhatIsMalformed } from './steps/refuse-what-is-malformed.ts'
import { sayWhereItCameFrom } from './steps/say-where-it-came-from.ts'
import { sayWhoMayRead } from './steps/say-who-may-read.ts'
import { takeAPlace } from './steps/take-a-place.ts'
import { upgrades, type Upgrades } from './web-socket/upgrades.ts'
import { webSockets } from './web-socket/web-sockets.ts'

/** The front door. */
export type ApiGateway = {
  readonly listener: Listener
  /** The same, for requests that are not of `node:http`. */
  readonly lane: Laned
  /** For connections that may become WebSockets. */
  readonly upgrades: Upgrades
  /**
   * Puts the routes of this file in force from the next request on, all at once. What is under way goes on as it
   * began; then the upstreams that no route leads to any more are closed.
   */
  readonly change: (file: ReachedRouteFile) => void
  /** Finds the route that a path has now. */
  readonly find: FindRoute
  /** Takes all steps and reports nothing: for whoever wants to know what would become of a request. */
  readonly take: (exchange: Exchange) => Promise<void>
  /** Lets what is under way finish, then closes the connections to all upstreams. */
  readonly close: () => Promise<void>
}

/** Builds the gateway: the list of steps that every request takes, in this order. */
export const apiGateway = (ports: Ports): ApiGateway => {
  const { find, change, close } = routesOf(ports)
  const webSocketLimits = { ...limits, ...ports.limits }
  const open = webSockets({ ...ports, limits: webSocketLimits })
  const steps: readonly Step[] = [
    nameTheRequest(ports),
    joinTheTrace(ports),
    // Before the first refusal: its access line is to name the client too.
    ...(ports.trustedProxies === undefined ? [] : [findTheClient(ports.trustedProxies)]),
    refuseWhatIsMalformed,
    dropWhatOnlyWeMaySay,
    sayWhereItCameFrom,
    findTheRoute(find),
    // Before all that may refuse: a page that may not read a refusal is told of a network error.
    sayWhoMayRead,
    checkTheMethod,
    checkTheHandshake,
    limitTheRate(ports),
    authenticate(ports),
    boundTheBody,
    takeAPlace(open),
    forward,
  ]

  const report = (exchange: Exchange, status: number, code?: string, err?: unknown): void => {
    const isSent = exchange.tries > 0
    const tunnel = exchange.webSocket?.tunnel
    ports.observe({
      requestId: exchange.requestId,
      method: exchange.message.method,
      route: exchange.route.name,
      // What was refused as malformed has no path; what it asked for is told without its query all the same.
      path: exchange.path || (exchange.message.target.split('?', 1)[0] ?? ''),
      status,
      code,
      durationMs: ports.clock.monotonic() - exchange.startedAt,
      upstreamMs: isSent ? exchange.upstreamMs : undefined,
      queueMs: isSent ? exchange.queueMs : undefined,
      upstream: isSent ? exchange.upstream : undefined,
      tries: isSent ? exchange.tries : undefined,
      bytesOut: isSent ? (tunnel?.bytesOut() ?? exchange.bytesOut) : undefined,
      bytesIn: tunnel?.bytesIn(),
      address: exchange.address,
      encrypted: exchange.encrypted,
      userId: exchange.caller?.userId,
      traceparent: exchange.traceparent,
      parent: exchange.message.traceparent,
      err,
    })
  }

  const ended = (exchange: Exchange): void => {
    const { res } = exchange
    const tunnel = exchange.webSocket?.tunnel
    if (tunnel !== undefined) void tunnel.ended.then(() => report(exchange, res.statusCode, tunnel.code()))
    else if (res.destroyed && !res.writableFinished) clientLeft(exchange)
    else report(exchange, res.statusCode)
  }

  const failed = (exchange: Exchange, error: unknown): void => {
    const { res } = exchange
    if (res.destroyed || res.socket?.destroyed === true) return clientLeft(exchange)
    const refusal = error instanceof Refusal ? error : refuse('internal-error', { cause: error })
    const broken = res.headersSent
    if (broken) breakOff(res)
    else answerRefusal(exchange, refusal)
    const { cause } = refusal.particulars
    // A refusal without a cause is told by its code: a stack for each would flood the log just when there is too much.
    const err = broken || res.statusCode >= 500 ? cause : undefined
    report(exchange, res.statusCode, refusal.code, err)
  }

  const clientLeft = (exchange: Exchange): void => {
    const { headersSent, statusCode, statusMessage } = exchange.res
    if (headersSent) report(exchange, statusCode, 'client-left')
    // The server has refused the rest of the request in our place: see `letGo`.
    else if (statusMessage) report(exchange, statusCode, statusMessage)
    else report(exchange, clientClosedRequest, 'client-left')
  }

  const serve = (exchange: Exchange): void => {
    try {
      const waiting = walk(steps, exchange, 0)
      if (waiting === undefined) ended(exchange)
      else {
        waiting.then(
          () => ended(exchange),
          (error: unknown) => failed(exchange, error),
        )
      }
    } catch (error) {
      failed(exchange, error)
    }
  }

  const knownOf = fieldMemory()
  const listener: Listener = (req, res) => serve(exchangeOf(req, res, ports.clock.monotonic(), undefined, knownOf(req)))
  const inProcess = Object.values(ports.upstreams).flatMap(({ takes }) => takes ?? [])

  return {
    listener,
    lane: {
      serve: listener,
      // A service in this process can be asked for some things in that way only, and by no other spelling.
      takes: (method, target) => inProcess.length === 0 || inProcess.some((takes) => takes(method, target)),
    },
    upgrades: upgrades({
      webSockets: open,
      limits: webSocketLimits,
      serve: (req, webSocket) => serve(exchangeOf(req, webSocket.res, ports.clock.monotonic(), webSocket)),
    }),
    change,
    find,
    take: async (exchange) => walk(steps, exchange, 0),
    close: async () => {
      open.end()
      await Promise.all([open.ended(), close()])
    },
  }
}

/** Takes the steps from `first` on, without a promise until one of them needs it. */
const walk = (steps: readonly Step[], exchange: Exchange, first: number): Promise<void> | undefined => {
  for (let at = first; at < steps.length; at += 1) {
    const waiting = steps[at]?.(exchange)
    if (waiting === undefined) continue
    // Behind the last there is nothing to take.
    return at + 1 === steps.length ? waiting : waiting.then(() => walk(steps, exchange, at + 1))
  }
  return undefined
}

/** Never sent, for there is nobody to send it to: the number that nginx made customary in logs. */
const clientClosedRequest = 499
