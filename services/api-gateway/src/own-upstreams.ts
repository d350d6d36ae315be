import type { OwnRoute, RouteFile } from './own-route.ts'
import type { ReachedRouteFile, Upstream } from './ports.ts'

/** Finds the ways to the services of a route file. */
export type OwnUpstreams = (file: RouteFile) => Promise<ReachedRouteFile>

/**
 * Finds the ways to the services of each file that it is given, one after the other. A way that the file before had
 * too is kept, with its connections and all that is known of its health; routes that say the same of it share one.
 */
export const ownUpstreams = (reach: (route: OwnRoute) => Upstream | Promise<Upstream>): OwnUpstreams => {
  let kept: ReadonlyMap<string, Upstream> = new Map()
  return async ({ routes, ...everywhere }) => {
    const found = new Map<string, Upstream>()
    const reached: ReachedRouteFile['routes'][number][] = []
    for (const route of routes) {
      const way = wayOf(route)
      const to = found.get(way) ?? kept.get(way) ?? (await reach(route))
      found.set(way, to)
      reached.push({ ...route, to })
    }
    kept = found
    return { ...everywhere, routes: reached }
  }
}

/** All that an upstream is made from: when any of it changes, it is another one. */
const wayOf = ({ upstreams, timeouts, retriesMax, check }: OwnRoute): string =>
  JSON.stringify([upstreams, timeouts, retriesMax, check])
