import { ownOperations } from './own-operations.ts'
import type { Ports } from './ports.ts'
import { routeTable, toUpstream, type FindRoute, type PrefixRoute } from './routes.ts'

type Routes = {
  readonly find: FindRoute
  /** Closes every upstream, those that were passed in and those of one's own routes. */
  readonly close: () => Promise<void>
}

/** The whole table: the gateway's own operations, the two built-in prefixes, and the routes of one's own. */
export const routesOf = (ports: Pick<Ports, 'upstreams' | 'routeFile' | 'clock' | 'openapi'>): Routes => {
  const auth = ports.upstreams['auth-service']
  const users = ports.upstreams['user-service']
  const own = ports.routeFile.routes

  const prefixes: readonly PrefixRoute[] = [
    // Public here: the two services look at tokens themselves, and say in their own words what is wrong with one.
    { name: '/auth', prefix: '/auth', access: 'public', serve: toUpstream(auth) },
    { name: '/users', prefix: '/users', access: 'public', serve: toUpstream(users) },
    ...own.map(({ prefix, access, stripPrefix, methods, bodyBytesMax, to }) => ({
      name: prefix,
      prefix,
      access,
      ...(methods === undefined ? {} : { methods }),
      ...(bodyBytesMax === undefined ? {} : { bodyBytesMax }),
      serve: toUpstream(to, stripPrefix && prefix !== '/' ? prefix.length : 0),
    })),
  ]

  return {
    find: routeTable(ownOperations(ports), prefixes),
    close: async () => {
      await Promise.all([auth, users, ...own.map(({ to }) => to)].map((upstream) => upstream.close()))
    },
  }
}
