import { corsPlan } from './cors-plan.ts'
import { ownOperations } from './own-operations.ts'
import type { RateLimit } from './own-route.ts'
import type { Ports, ReachedRouteFile, Upstream } from './ports.ts'
import { routeLimitOf } from './route-limit.ts'
import { routeTable, toUpstream, type FindRoute, type PrefixRoute, type Route } from './routes.ts'

type Routes = {
  readonly find: FindRoute
  /**
   * Puts the routes of this file in the place of those before, all at once. Upstreams that nothing leads to any more
   * finish what is under way, and close.
   */
  readonly change: (file: ReachedRouteFile) => void
  /** Closes every upstream, those that were passed in and those of one's own routes. */
  readonly close: () => Promise<void>
}

/** The whole table: the gateway's own operations, the two built-in prefixes, and the routes of one's own. */
export const routesOf = (
  ports: Pick<Ports, 'upstreams' | 'routeFile' | 'rateLimits' | 'clock' | 'openapi'>,
): Routes => {
  const own = ownOperations(ports)
  const builtIn = Object.values(ports.upstreams)
  let find = tableOf(own, ports, ports.routeFile)
  let used = upstreamsOf(ports.routeFile)
  let leaving: Promise<unknown> = Promise.resolve()

  return {
    find: (path) => find(path),
    change: (file) => {
      const before = used
      find = tableOf(own, ports, file)
      used = upstreamsOf(file)
      // Not waited for: what is under way may take long, and the next change must not.
      leaving = Promise.all([leaving, closeAll(before.difference(used))])
      leaving.catch(() => {})
    },
    close: async () => {
      await closeAll(new Set([...builtIn, ...used]))
      await leaving
    },
  }
}

const tableOf = (
  own: ReadonlyMap<string, Route>,
  { upstreams, rateLimits }: Pick<Ports, 'upstreams' | 'rateLimits'>,
  file: ReachedRouteFile,
): FindRoute => {
  const ruled = <R extends Route>(route: R, cors = file.cors): R =>
    cors === undefined ? route : { ...route, cors: corsPlan(cors, route) }
  const limited = (name: string, own?: RateLimit): Pick<Route, 'limit'> => {
    const rule = own ?? file.rateLimit
    return rule === undefined ? {} : { limit: routeLimitOf(rule, name, rateLimits) }
  }

  const prefixes: readonly PrefixRoute[] = [
    // Public here: the two services look at tokens themselves, and say in their own words what is wrong with one.
    ruled({
      name: '/auth',
      prefix: '/auth',
      access: 'public',
      ...limited('/auth'),
      serve: toUpstream(upstreams['auth-service']),
    }),
    ruled({
      name: '/users',
      prefix: '/users',
      access: 'public',
      ...limited('/users'),
      serve: toUpstream(upstreams['user-service']),
    }),
    ...file.routes.map(({ prefix, access, stripPrefix, methods, bodyBytesMax, rateLimit, cors, to }) => {
      const route = {
        name: prefix,
        prefix,
        access,
        ...(methods === undefined ? {} : { methods }),
        ...(bodyBytesMax === undefined ? {} : { bodyBytesMax }),
        ...limited(prefix, rateLimit),
        serve: toUpstream(to, stripPrefix && prefix !== '/' ? prefix.length : 0),
      }
      return ruled(route, cors)
    }),
  ]
  return routeTable(new Map(Array.from(own, ([path, route]) => [path, ruled(route)])), prefixes)
}

const upstreamsOf = ({ routes }: ReachedRouteFile): ReadonlySet<Upstream> => new Set(routes.map(({ to }) => to))

const closeAll = async (upstreams: ReadonlySet<Upstream>): Promise<void> => {
  await Promise.all([...upstreams].map((upstream) => upstream.close()))
}
