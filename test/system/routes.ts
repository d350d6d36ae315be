import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'

/** A row of a route file. */
export type RouteRow = Readonly<Record<string, unknown>> & { readonly prefix: string; readonly upstream: unknown }

/** The route file of a world. */
export type RoutesFile = {
  readonly path: string
  /** Replaces it whole, by a rename: with these routes besides those that every world has. */
  readonly set: (more: readonly RouteRow[]) => Promise<void>
}

/** What the limited routes let pass. */
export const requestsInAMinute = 10

const aMinute = { requests: requestsInAMinute, per_seconds: 60 }

/** Puts the test's own service behind the gateway in every way there is. */
export const writeRoutes = async (folder: string, ownService: string): Promise<RoutesFile> => {
  const routes: readonly RouteRow[] = [
    { prefix: '/own', upstream: ownService, access: 'public' },
    { prefix: '/own/stripped', upstream: ownService, access: 'public', strip_prefix: true },
    { prefix: '/members', upstream: ownService },
    { prefix: '/guests', upstream: ownService, access: 'optional' },
    { prefix: '/limited', upstream: ownService, rate_limit: { ...aMinute, by: 'caller' } },
    { prefix: '/limited/address', upstream: ownService, access: 'public', rate_limit: { ...aMinute, by: 'address' } },
    { prefix: '/gone', upstream: `http://127.0.0.1:${await freePort()}`, access: 'public' },
  ]
  const path = join(folder, 'routes.json')
  const set: RoutesFile['set'] = async (more) => {
    await writeFile(`${path}.new`, JSON.stringify({ routes: [...routes, ...more] }))
    await rename(`${path}.new`, path)
  }
  await set([])
  return { path, set }
}
