import { createServer, ServerResponse, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Speaker } from '@gatehouse/contract/problem.ts'
import type { Observe } from '@gatehouse/observe/answered.ts'
import { afterAnswers, answerUnread, tookTooLong, type Fault } from './answer-unread.ts'
import { begunHeads, type BegunHeads } from './begun-heads.ts'
import { drained } from './drained.ts'
import { fewAtATime } from './few-at-a-time.ts'
import { inTurn } from './in-turn.ts'
import { fastLane, type FastLane, type Laned } from './lane/fast-lane.ts'
import type { LaneAnswer } from './lane/lane-answer.ts'
import { limits, type ServerLimits, type TlsLimits } from './limits.ts'
import { linger } from './linger.ts'
import type { KeyPair } from './secure-server.ts'
import { shut } from './shut.ts'
import { slowBodies } from './slow-bodies.ts'
import { stalledAnswers } from './stalled-answers.ts'
import { underWayList, type Many } from './under-way.ts'

/** A server that listens. */
export type Listening = {
  readonly port: number
  /**
   * Goes on taking connections for `acceptMs`, answers everything on them and tells every client not to return; then
   * takes no more.
   */
  readonly shut: (acceptMs: number) => Promise<void>
  /** Takes no new connection, lets what is under way finish, then cuts what has not: by then `deadlineMs` is over. */
  readonly drain: (deadlineMs?: number) => Promise<void>
  /** Over TLS: new connections get this certificate, and those that are there live on. */
  readonly renew: (pair: KeyPair) => void
  /** Requests that have no whole answer yet. */
  readonly inFlight: () => number
  readonly openConnections: () => number
  /** Requests that the fast lane has read, so far. */
  readonly laneRequests: () => number
}

/** For a listener that lets connections become something else than HTTP. */
export type Upgrades = {
  /** Whether this request's wish to upgrade is heard; otherwise it is served as any other. */
  readonly asked: (req: IncomingMessage) => boolean
  /** Takes the connection over, with what was read of it too much. */
  readonly listener: (req: IncomingMessage, socket: Duplex, head: Buffer) => void
}

type Options = {
  readonly host: string
  readonly port: number
  readonly speaker: Speaker
  readonly newRequestId: () => string
  /** Told of what was answered without ever becoming a request. */
  readonly observe?: Observe
  /** Those of a service unless told. */
  readonly limits?: ServerLimits
  /** None is heard unless told. */
  readonly upgrades?: Upgrades
  /** The same listener, for plain requests that `node:http` needs not read; it reads all of them when absent. */
  readonly lane?: (Laned & { readonly clock: Clock }) | undefined
  /** Shares the port with other processes that ask for the same; the kernel deals the connections out. */
  readonly reusePort?: boolean
  /** HTTPS, and HTTP/2 in it, instead of plain HTTP/1.1. */
  readonly tls?: { readonly pair: KeyPair; readonly limits: TlsLimits }
}

/** Listens on `host:port` (0: any free port). Throws what the operating system says when it cannot. */
export const listen = async (
  listener: RequestListener,
  {
    host,
    port,
    speaker,
    newRequestId,
    observe = () => {},
    limits: bounds = limits,
    upgrades,
    lane: laneParts,
    reusePort = false,
    tls,
  }: Options,
): Promise<Listening> => {
  const underWay = underWayList()
  const upgraded = new Set<Duplex>()
  let draining = false
  const sockets = new Set<Socket>()
  const serveNow: RequestListener = (req, res) => {
    if (draining) sendElsewhere(res)
    underWay.add(res)
    listener(req, res)
  }
  const heads = begunHeads((socket) => refuse(tookTooLong, socket))
  const inOrder = inTurn(serveNow, bounds.requestsWaitingMax)
  const serve: RequestListener = (req, res) => {
    heads.whole(req.socket)
    inOrder(req, res)
  }
  const options = {
    connectionsCheckingInterval: sweepEveryMs,
    headersTimeout: bounds.headersTimeoutMs,
    keepAliveTimeout: bounds.keepAliveTimeoutMs,
    maxHeaderSize: bounds.headerBytesMax,
    requestTimeout: bounds.requestTimeoutMs,
    // Node would answer a missing Host itself, with a bare 400: those who listen say it as a problem.
    requireHostHeader: false,
    shouldUpgradeCallback: upgrades?.asked ?? (() => false),
    // Spares a request that has no body the life of a stream.
    optimizeEmptyRequests: true,
  }
  const closeSoon = (socket: Duplex): void => linger(socket, bounds)
  // Shared by all connections: one each would be a part of what thousands of slow clients hold.
  const destroySoon = function (this: Socket): void {
    closeSoon(this)
  }
  const forget = function (this: Socket): void {
    sockets.delete(this)
  }
  const begin = (socket: Socket): void => {
    // By this node:http closes a connection after its last answer.
    socket.destroySoon = destroySoon
  }
  // Loaded where there is a certificate only: node:http2 is a large part of Node.
  const secure =
    tls &&
    (await import('./secure-server.ts')).secureServer(
      { pair: tls.pair, options, listener: serve, begin },
      { listener: serveNow, limits: tls.limits, speaker, newRequestId, observe },
    )
  const server = secure?.server ?? createServer(options, serve)
  // Whoever opens a thousand connections at once has all of them cut at once: the others would wait for that.
  const soon = fewAtATime(bounds.cutsPerTurnMax)
  const answerNow = answerUnread({ speaker, newRequestId, observe, closeSoon })
  const refuse = (fault: Fault, socket: Duplex): void => {
    if (fault.code !== tookTooLong.code) return answerNow(fault, socket)
    // What came now would be heard by a parser that has been told to forget the connection.
    socket.pause()
    soon(() => answerNow(fault, socket))
  }
  const lane =
    laneParts && secure === undefined
      ? laneBefore(server, {
          ...laneParts,
          limits: bounds,
          closeSoon,
          refuse,
          begun: heads.begun,
        })
      : undefined
  // All fields are told, or those behind the thousandth would be hidden from whoever checks them; bytes are the bound.
  server.maxHeadersCount = 0
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', forget)
    // Over TLS this is what lies below it.
    if (secure === undefined) begin(socket)
  })
  server.on('clientError', refuse)
  const cutStalledAnswers = stalledAnswers(bounds, sweepEveryMs, soon)
  const cutSlowBodies = slowBodies(bounds, sweepEveryMs, (res) =>
    soon(() => {
      // It has arrived since, or has been answered.
      if (res.req.complete || res.headersSent) return
      if (secure === undefined || res.req.httpVersionMajor < 2) answerNow(tookTooLong, res.req.socket)
      else secure.refuseLate(res)
    }),
  )
  const all: Many<ServerResponse | LaneAnswer> = {
    forEach: (look) => {
      underWay.forEach(look)
      lane?.answers.forEach(look)
    },
  }
  const sweep = setInterval(() => {
    cutSlowBodies(underWay)
    cutStalledAnswers(all)
  }, sweepEveryMs).unref()
  const over = new Promise<void>((resolve) => server.once('close', resolve))
  void over.then(() => {
    clearInterval(sweep)
    lane?.stop()
  })
  // A gateway asks for the body itself, when nothing speaks against the request.
  if (speaker === 'gateway') server.on('checkContinue', serve)
  // Node would answer this with a bare 417, and hang up on the next without an answer.
  server.on('checkExpectation', serve)
  server.on('upgrade', (req, socket: Duplex, head: Buffer) => {
    heads.whole(socket)
    // The server forgets such a connection, and yet waits for its end.
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
    upgrades?.listener(req, socket, head)
  })
  server.on('connect', (req, socket) => {
    socket.on('error', () => {})
    afterAnswers(socket, () => {
      if (socket.writable) serve(req, lastAnswer(req, socket, closeSoon))
      else socket.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, reusePort }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const sendAllElsewhere = (): void => {
    draining = true
    underWay.forEach(sendElsewhere)
    secure?.goAway()
    lane?.drain()
  }
  return {
    renew: (pair) => secure?.renew(pair),
    // A server that listens on TCP has an address of this shape.
    port: (server.address() as AddressInfo).port,
    shut: async (acceptMs) => {
      sendAllElsewhere()
      await shut(server, acceptMs)
    },
    drain: async (deadlineMs = bounds.drainMs) => {
      sendAllElsewhere()
      const cutOthers = (): void => {
        for (const socket of upgraded) socket.destroy()
        secure?.cut()
        lane?.closeAll()
      }
      const closeIdle = (): void => {
        server.closeIdleConnections()
        lane?.closeIdle()
      }
      await drained(server, deadlineMs, { closeIdle, cutOthers, sockets, over, ...bounds })
    },
    inFlight: () => underWay.size() + (lane?.inFlight() ?? 0),
    openConnections: () => sockets.size,
    laneRequests: () => lane?.requests() ?? 0,
  }
}

/** Lets the lane look at each connection first: what `node:http` does with a new one, it does when it is handed over. */
const laneBefore = (
  server: Server,
  { begun, ...parts }: Omit<Parameters<typeof fastLane>[0], 'handOver'> & Pick<BegunHeads, 'begun'>,
): FastLane => {
  const [toNodeHttp] = server.listeners('connection')
  server.removeAllListeners('connection')
  const handOver = (socket: Socket, headLeftMs?: number): void => {
    if (headLeftMs !== undefined) begun(socket, headLeftMs)
    toNodeHttp?.call(server, socket)
  }
  const lane = fastLane({ ...parts, handOver })
  server.on('connection', lane.take)
  return lane
}

/** How often heads and bodies that are still coming, and answers that wait, are looked at. */
const sweepEveryMs = 100

/** An answer on a connection of which the parser has let go. */
const lastAnswer = (req: IncomingMessage, socket: Duplex, closeSoon: (socket: Duplex) => void): ServerResponse => {
  const res = new ServerResponse(req)
  res.shouldKeepAlive = false
  // What node:http hands over is always the socket of the connection.
  res.assignSocket(socket as Socket)
  res.once('finish', () => closeSoon(socket))
  return res
}

/** A connection that stayed would send its next request to a process that is gone. */
const sendElsewhere = (res: ServerResponse): void => {
  if (!res.headersSent) res.shouldKeepAlive = false
}
