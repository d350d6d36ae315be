import type { BlockList } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Bearer } from '@gatehouse/contract/operation.ts'
import type { RateLimits } from '@gatehouse/counters/rate-limits.ts'
import type { Answering, Asked } from '@gatehouse/http/listener.ts'
import type { Ids } from '@gatehouse/ids/ids.ts'
import type { Observe } from '@gatehouse/observe/answered.ts'
import type { Traces } from '@gatehouse/observe/traces.ts'
import type { FieldBlock } from './field-block.ts'
import type { WebSocketLimits } from './limits.ts'
import type { Framing } from './message.ts'
import type { OwnRoute, RouteFile } from './own-route.ts'

/** What the gateway needs from the world. */
export type Ports = {
  readonly upstreams: { readonly 'auth-service': Upstream; readonly 'user-service': Upstream }
  /** What the route file says, each route with the way to its service. */
  readonly routeFile: ReachedRouteFile
  /**
   * Finds out whose token this is, or throws a refusal. Never guesses: `verification-unavailable` when it cannot know.
   */
  readonly verify: (token: string) => Bearer | Promise<Bearer>
  readonly rateLimits: RateLimits
  /** Peers that are believed when they say for whom they speak; nobody when absent. */
  readonly trustedProxies?: BlockList
  /** Word of sessions that end while a WebSocket of theirs is open. */
  readonly sessions: {
    /** Tells of each user some of whose tokens may have been revoked, at once. */
    readonly onRevoked: (told: (userId: string) => void) => void
    /** Whether this node may trust what it has heard; otherwise `verify` asks about each token. */
    readonly fresh: () => boolean
  }
  readonly observe: Observe
  readonly traces: Traces
  /** Other bounds on WebSockets than those of `limits.ts`. */
  readonly limits?: Partial<WebSocketLimits>
  readonly clock: Clock
  readonly ids: Ids
  /** The gateway's own OpenAPI document, as JSON. */
  readonly openapi: string
}

/** A route file, read by `parseRoutes`, whose services can be reached. */
export type ReachedRouteFile = Omit<RouteFile, 'routes'> & {
  readonly routes: readonly (OwnRoute & { readonly to: Upstream })[]
}

/** A service that requests can be sent on to: in this process or across the network, the same bytes both ways. */
export type Upstream = {
  /**
   * Sends the request on and the answer back. Resolves when the answer has ended, also when the client left before
   * its end. Throws a refusal when there is no answer (`res.headersSent` is false) or only a part of one (it is
   * true).
   */
  readonly forward: (req: Asked, res: Answering, onward: Onward) => Promise<void>
  /** In this process: whether it can be given a request for this that is not of `node:http`. Elsewhere it always can. */
  readonly takes?: (method: string, target: string) => boolean
  /** Whether its `GET /health` answers 200. Never throws. */
  readonly healthy: () => Promise<boolean>
  /** What is known of it now, for metrics and for people. Costs nothing but the object. */
  readonly state: () => UpstreamState
  /** Lets what is under way finish, then closes its connections. */
  readonly close: () => Promise<void>
}

/** What a gateway knows of a service from the requests it sent there. */
export type UpstreamState = {
  readonly underWay: number
  /** Requests to a replica that failed, whether or not another one answered, since the start. */
  readonly failures: number
  /** Open: all but a trial now and then is refused. */
  readonly circuit: 'closed' | 'open'
  /** Its replicas; none when the service is in this process. */
  readonly origins: readonly {
    /** As in `http://10.0.0.7:8080`. */
    readonly origin: string
    readonly underWay: number
    /** Out of the choice when its active checks fail (`ill`), or what was sent to it did (`ejected`). */
    readonly state: 'in-use' | 'ejected' | 'ill'
  }[]
}

/** How a request goes on. */
export type Onward = {
  /** Path and query as the upstream shall see them. */
  readonly target: string
  /** What the client says. Holds no `Host` and nothing hop-by-hop: those belong to each connection. */
  readonly clientFields: FieldBlock
  /** What we say behind that. Flat: name, value, name, value. */
  readonly headers: readonly string[]
  readonly framing: Framing
  /** Of a body that is sent on when all of it is here; 0 when there is none, or it goes on as it comes. */
  readonly wholeBodyBytes: number
  /** Of any other, what must be here before it goes on; 0 when there is none. */
  readonly firstBodyBytes: number
  /** The request's body where it is not the request itself. It fails with the refusal that the client is to get. */
  readonly body?: Readable | undefined
  /**
   * What we put on the answer, flat and lower case; the upstream's own fields of these names are dropped, except
   * `Vary`, which both may say.
   */
  readonly answerHeaders: readonly string[]
  /** Whether who may read the answer is ours to say: the upstream's own word on it is dropped. */
  readonly saysCors: boolean
  /** Where the way is noted as it is gone. */
  readonly journey: Journey
  /** When the client wants a WebSocket. The upstream may say no, by answering anything but 101. */
  readonly webSocket: Switch | undefined
}

/**
 * What is told of the way to an upstream in the access line. Written in place by whoever goes it: the exchange itself
 * is one, so that no request pays for another object.
 */
export type Journey = {
  /** The origin that was tried last; empty when there was none, or the service is in this process. */
  upstream: string
  /** How many times the request was handed to an origin. */
  tries: number
  /** Milliseconds spent waiting for a place or a connection, over all tries. */
  queueMs: number
  /** Milliseconds from sending on, the last time, to the head of the answer or to the failure. */
  upstreamMs: number
  /** Of the answer's body, as it came. */
  bytesOut: number
}

/** The moment at which a connection is HTTP no more. */
export type Switch = {
  /**
   * Takes the upstream's connection over after its 101: all its fields as they came, and those of them that go on to
   * the client. Throws a refusal when this is no answer to our handshake.
   */
  readonly switched: (upstream: Duplex, rawHeaders: readonly string[], head: readonly string[]) => void
}
