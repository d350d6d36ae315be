import { defaultSampler, traces } from '@gatehouse/observe/traces.ts'
import { systemClock, systemIds } from './clock.ts'
import { readRouteFile } from './read-route-file.ts'
import { readSettings } from './settings.ts'

/** What beside the words stands on the command line. */
export type RouteOptions = { readonly headers: readonly string[]; readonly file: string | undefined }

/**
 * What can be done with a route file without a gateway: `check` it, or `explain` what would become of a request. The
 * exit code is 0 when all is well, 1 when the file has faults or the request would be refused.
 */
export const manageRoutes = async (
  [action, ...words]: readonly string[],
  { headers, file }: RouteOptions,
): Promise<void> => {
  if (action === 'check' && words.length <= 1 && headers.length === 0) return check(pathOf(words[0] ?? file))
  const [method, target] = words
  if (action === 'explain' && method !== undefined && target !== undefined && words.length === 2)
    return explained(method, target, headers, file)
  throw new RoutesUsage("routes check [FILE], or routes explain METHOD PATH [--header 'name: value']... [--file FILE]")
}

/** A command line about routes that cannot be understood. */
export class RoutesUsage extends Error {}

const check = async (path: string): Promise<void> => {
  const { file, faults } = await readRouteFile(path)
  // Here and below: the gateway is loaded only where its routes are asked about.
  const { routeListing } = await import('@gatehouse/api-gateway/route-listing.ts')
  process.stdout.write(faults === undefined ? `${path}: ${routeListing(file)}` : `${faults.join('\n')}\n`)
  process.exitCode = faults === undefined ? 0 : 1
}

const explained = async (
  method: string,
  target: string,
  headers: readonly string[],
  given: string | undefined,
): Promise<void> => {
  const settings = readSettings(process.env, 'all')
  const path = given ?? settings.GATEWAY_ROUTES
  const { file, places, faults } = path === undefined ? noRoutes : await readRouteFile(path)
  if (faults !== undefined) {
    process.stdout.write(`${faults.join('\n')}\n`)
    process.exitCode = 1
    return
  }
  const { explain } = await import('@gatehouse/api-gateway/explain.ts')
  const fields = headers.flatMap(fieldOf)
  const isHosted = headers.some((header) => /^host\s*:/i.test(header))
  const { text, isRefused } = await explain(
    { asked: { method, target, headers: isHosted ? fields : ['Host', 'gateway', ...fields] }, file, places },
    {
      clock: systemClock,
      ids: systemIds,
      traces: traces(systemIds, defaultSampler),
      ...(settings.TRUSTED_PROXIES === undefined ? {} : { trustedProxies: settings.TRUSTED_PROXIES }),
    },
  )
  process.stdout.write(text)
  process.exitCode = isRefused ? 1 : 0
}

const noRoutes = { file: { routes: [] }, places: new Map<string, string>(), faults: undefined } as const

const pathOf = (given: string | undefined): string => {
  const path = given ?? readSettings(process.env, 'all').GATEWAY_ROUTES
  if (path === undefined) throw new RoutesUsage('routes check FILE, or GATEWAY_ROUTES in the environment')
  return path
}

const fieldOf = (header: string): readonly [string, string] => {
  const colon = header.indexOf(':')
  if (colon < 1) throw new RoutesUsage(`--header 'name: value', not ${header}`)
  return [header.slice(0, colon), header.slice(colon + 1).trim()]
}
