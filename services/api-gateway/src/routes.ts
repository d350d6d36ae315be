import { refuse } from '@gatehouse/contract/refusals.ts'
import type { CorsPlan } from './cors-plan.ts'
import type { Step } from './exchange.ts'
import { firstBodyBytes } from './first-bytes.ts'
import type { Upstream } from './ports.ts'
import type { RouteLimit } from './route-limit.ts'
import { isOdd, laxly } from './spelling.ts'
import { wholeBodyBytes } from './whole-body.ts'

/** Who may use a route: anyone · anyone, but a token must be good · only with a good token. */
export type Access = 'public' | 'optional' | 'required'

/** One row of the route table. */
export type Route = {
  /** A label in logs and metrics: one of a bounded set. */
  readonly name: string
  readonly access: Access
  /** All of them when absent. */
  readonly methods?: readonly string[]
  /** Of a request's body; none when absent. */
  readonly bodyBytesMax?: number
  /** Pages of other origins may not read the answers when absent, unless the upstream says so itself. */
  readonly cors?: CorsPlan
  /** No more requests than this. */
  readonly limit?: RouteLimit
  /** Answers, and resolves when the answer has ended. */
  readonly serve: Step
}

/** A route that takes its prefix and everything below it. */
export type PrefixRoute = Route & { readonly prefix: string }

/** Finds the route of a path in normal form. */
export type FindRoute = (path: string) => Route | undefined

/** Where a request is before its route is found. */
export const nowhere: Route = {
  name: 'none',
  access: 'public',
  serve: () => {
    throw refuse('service-not-found')
  },
}

/**
 * Builds the table: an exact path before any prefix, the longest prefix before a shorter one, whole segments only. A
 * path that only its spelling keeps from a longer prefix belongs to nobody: a service that does not mind the spelling
 * would serve `/Admin` or `/admin;x` as `/admin`, past the rules of that route.
 */
export const routeTable = (exact: ReadonlyMap<string, Route>, prefixes: readonly PrefixRoute[]): FindRoute => {
  const longest = longestOf(prefixes)
  const lax = prefixes.map((route) => ({ ...route, prefix: laxly(route.prefix) }))
  const laxest = longestOf(lax)
  const above = new Set(lax.flatMap(({ prefix }) => parentsOf(prefix)))
  const nested = new Set(prefixes.filter((_, at) => above.has(lax[at]?.prefix ?? '')))
  return (path) => {
    const own = exact.get(path)
    if (own !== undefined) return own
    if (neverRouted.test(path)) return undefined
    const found = longest(path)
    // Where there are no longer prefixes, which is nearly everywhere, nobody has to look.
    if (found === undefined || !nested.has(found) || !isOdd(path)) return found
    const meant = laxest(laxly(path))
    return meant === undefined || meant.prefix.length <= found.prefix.length ? found : undefined
  }
}

/** `/` and `/a` for `/a/b`. */
const parentsOf = (prefix: string): readonly string[] =>
  prefix === '/'
    ? []
    : prefix
        .split('/')
        .slice(0, -1)
        .map((_, at, parts) => parts.slice(0, at + 1).join('/') || '/')

/** Finds the longest prefix of a path that ends where a segment does. */
const longestOf = (prefixes: readonly PrefixRoute[]): ((path: string) => PrefixRoute | undefined) => {
  const byPrefix = new Map(prefixes.map((route) => [route.prefix === '/' ? '' : route.prefix, route]))
  const deepest = Math.max(0, ...prefixes.map(({ prefix }) => prefix.split('/').length - 1))
  const root = byPrefix.get('')
  return (path) => {
    let found = path.startsWith('/') ? root : undefined
    // As many looks as the deepest prefix has segments, however long the path is.
    for (let depth = 0, end = 0; depth < deepest && end !== -1; depth += 1) {
      end = path.indexOf('/', end + 1)
      found = byPrefix.get(end === -1 ? path : path.slice(0, end)) ?? found
    }
    return found
  }
}

/** Sends everything below a prefix to an upstream. */
export const toUpstream =
  (upstream: Upstream, stripped = 0): Step =>
  (exchange) => {
    const { req, res, message, path, query, clientFields, headers, body, answerHeaders, webSocket } = exchange
    const rest = stripped === 0 ? path : path.slice(stripped) || '/'
    return upstream.forward(req, res, {
      target: rest + query,
      clientFields,
      headers,
      framing: message.framing,
      wholeBodyBytes: message.framing === 'length' ? wholeBodyBytes(message) : 0,
      firstBodyBytes: message.framing === 'none' ? 0 : firstBodyBytes(message),
      body,
      answerHeaders,
      saysCors: exchange.route.cors !== undefined,
      journey: exchange,
      webSocket,
    })
  }

/**
 * The event feed is for our own processes, which reach auth-service directly. In any case: some servers do not mind it.
 */
const neverRouted = /^\/auth\/events(?:[/;]|$)/i
