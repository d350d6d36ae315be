import { answerNothing } from './answer.ts'
import type { Cors } from './own-route.ts'
import type { Route } from './routes.ts'

/** A CORS rule made ready: what answers say is put together once for a route and not for each request. */
export type CorsPlan = {
  /** What answers to requests of this origin say, flat and lower case; to those without an origin as well. */
  readonly told: (origin: string | undefined) => readonly string[]
  /** The same for a preflight: what its page may do. */
  readonly permitted: (origin: string) => readonly string[]
  /** Whether pages of this origin may read, for those whom no browser keeps from it. */
  readonly allows: (origin: string) => boolean
  /** Answers preflights in the place of the route: open to anyone, for browsers send no credentials with them. */
  readonly preflight: Route
}

/** Makes the plan of a route's CORS rule (the Fetch standard, section "HTTP extensions"). */
export const corsPlan = (cors: Cors, { name }: Pick<Route, 'name'>): CorsPlan => {
  const { origins, methods, requestHeaders, exposedHeaders, credentials, maxAgeSeconds } = cors
  const isForAll = origins.includes('*')
  // A cache must not hand one origin what was said to another; where all are told the same there is nothing to keep.
  const stranger = isForAll ? [] : ['vary', 'origin']
  const credential = credentials ? ['access-control-allow-credentials', 'true'] : []
  const exposed = exposedHeaders.length === 0 ? [] : ['access-control-expose-headers', exposedHeaders.join(', ')]
  const permission = [
    'access-control-allow-methods',
    methods.join(', '),
    ...(requestHeaders.length === 0 ? [] : ['access-control-allow-headers', requestHeaders.join(', ')]),
    'access-control-max-age',
    String(maxAgeSeconds),
  ]
  const allow = (origin: string): readonly string[] => [
    'access-control-allow-origin',
    origin,
    ...credential,
    ...stranger,
  ]
  const known = new Map(origins.map((origin) => [origin, [...allow(origin), ...exposed]]))
  const toAll = known.get('*')
  return {
    told: (origin) => toAll ?? (origin === undefined ? undefined : known.get(origin)) ?? stranger,
    permitted: (origin) =>
      isForAll ? [...allow('*'), ...permission] : known.has(origin) ? [...allow(origin), ...permission] : stranger,
    allows: (origin) => isForAll || known.has(origin),
    preflight: { name, access: 'public', serve: answerNothing },
  }
}
