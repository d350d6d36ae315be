import type { Access } from './routes.ts'

/** A route file, read: what holds for every route, and the routes of one's own. */
export type RouteFile = {
  /** For every route that says nothing of its own, the built-in ones too. */
  readonly cors?: Cors
  /** As above. */
  readonly rateLimit?: RateLimit
  readonly routes: readonly OwnRoute[]
}

/** A route of one's own, as its file describes it; what the file left out is filled in. */
export type OwnRoute = {
  /** Begins with a slash, ends without one. */
  readonly prefix: string
  /** Origins, at least one. */
  readonly upstreams: readonly string[]
  readonly access: Access
  /** Whether the service sees the path without the prefix. */
  readonly stripPrefix: boolean
  /** All of them when absent. */
  readonly methods?: readonly string[]
  readonly rateLimit?: RateLimit
  readonly cors?: Cors
  /** Of a request's body; none when absent. */
  readonly bodyBytesMax?: number
  readonly timeouts: Timeouts
  /** How often an idempotent request may be sent once more, elsewhere where there is an elsewhere. */
  readonly retriesMax: number
  /** Asked of each upstream, used or not; without it an upstream is judged by how it answers requests. */
  readonly check?: Check
}

/** How long the way to an upstream may take. */
export type Timeouts = {
  readonly connectMs: number
  /** From the end of the request to the last header of the answer. */
  readonly answerHeadMs: number
  /** Between two pieces of an answer's body. */
  readonly answerPauseMs: number
  /** For all attempts together, from the request's arrival to the answer's head. */
  readonly deadlineMs: number
}

/** So many requests in any such window, counted for each caller, or for each address where nobody is known. */
export type RateLimit = {
  readonly by: 'caller' | 'address'
  readonly requests: number
  readonly windowSeconds: number
}

/** Which pages of other origins may read the answers (the Fetch standard's CORS protocol). */
export type Cors = {
  /** Serialised origins as in `https://app.example`, or `*` alone. */
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  readonly requestHeaders: readonly string[]
  readonly exposedHeaders: readonly string[]
  /** Never together with `*`. */
  readonly credentials: boolean
  readonly maxAgeSeconds: number
}

/** An active check: `GET path` on each upstream. */
export type Check = {
  readonly path: string
  readonly everyMs: number
  readonly timeoutMs: number
}
