import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'

/** Puts the test's own service behind the gateway in every way there is; returns where the route file is. */
export const writeRoutes = async (folder: string, ownService: string): Promise<string> => {
  const routes = [
    { prefix: '/own', upstream: ownService, access: 'public' },
    { prefix: '/own/stripped', upstream: ownService, access: 'public', strip_prefix: true },
    { prefix: '/members', upstream: ownService },
    { prefix: '/guests', upstream: ownService, access: 'optional' },
    { prefix: '/gone', upstream: `http://127.0.0.1:${await freePort()}`, access: 'public' },
  ]
  const path = join(folder, 'routes.json')
  await writeFile(path, JSON.stringify({ routes }))
  return path
}
