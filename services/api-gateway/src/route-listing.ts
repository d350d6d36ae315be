import type { OwnRoute, RateLimit, RouteFile } from './own-route.ts'
import { routeDefaults } from './route-grammar.ts'

/** Puts a route file into words: what holds everywhere, and a line for each route with all that it does not leave out. */
export const routeListing = ({ routes, cors, rateLimit }: RouteFile): string => {
  const rows = routes.map((route) => [route.prefix, route.access, route.upstreams.join(' '), rulesOf(route)])
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  const everywhere = [
    ...(cors === undefined ? [] : [`cors ${cors.origins.join(' ')}`]),
    ...(rateLimit === undefined ? [] : [limitOf(rateLimit)]),
  ]
  return [
    `${routes.length} ${routes.length === 1 ? 'route' : 'routes'}`,
    ...(everywhere.length === 0 ? [] : [`everywhere: ${everywhere.join(' · ')}`]),
    ...lines,
  ]
    .map((text) => `${text.trimEnd()}\n`)
    .join('')
}

const rulesOf = (route: OwnRoute): string => {
  const { timeouts, retriesMax, check } = route
  const rules = [
    route.stripPrefix ? 'strip prefix' : '',
    route.methods === undefined ? '' : route.methods.join(' '),
    route.rateLimit === undefined ? '' : limitOf(route.rateLimit),
    route.cors === undefined ? '' : `cors ${route.cors.origins.join(' ')}`,
    route.bodyBytesMax === undefined ? '' : `body ≤ ${route.bodyBytesMax} bytes`,
    JSON.stringify(timeouts) === JSON.stringify(routeDefaults.timeouts) ? '' : `deadline ${timeouts.deadlineMs} ms`,
    retriesMax === routeDefaults.retriesMax ? '' : `retries ${retriesMax}`,
    check === undefined ? '' : `check ${check.path} every ${check.everyMs} ms`,
  ]
  return rules.filter((rule) => rule !== '').join(' · ')
}

const limitOf = ({ requests, windowSeconds, by }: RateLimit): string => `${requests} in ${windowSeconds} s by ${by}`
