import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { startOwnService } from './own-service.ts'
import { replica, type Environment } from './replica.ts'
import { writeRoutes, type RouteRow } from './routes.ts'
import type { Replica, World } from './world.ts'

/** The whole house in one process, on SQLite. */
export type OneProcess = World & { readonly replica: Replica; readonly dataDir: string }

type Options = {
  /** Settings over the defaults of this world. */
  readonly settings?: Environment
  /** Besides those that every world has. */
  readonly routes?: readonly RouteRow[]
  /** False: the caller starts it. */
  readonly started?: boolean
}

/** Starts one process that serves everything, with its data in a temporary folder. */
export const startOneProcess = async ({
  settings = {},
  routes = [],
  started = true,
}: Options = {}): Promise<OneProcess> => {
  // Whatever fails on the way, what has been started by then is ended: a server left listening keeps a test alive.
  await using ending = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-system-'))
  ending.defer(() => rm(folder, { recursive: true, force: true }))
  const ownService = await startOwnService()
  ending.defer(ownService.stop)
  const routesFile = await writeRoutes(folder, ownService.origin)
  await routesFile.set(routes)
  const dataDir = join(folder, 'data')
  const [port, adminPort] = [await freePort(), await freePort()]
  const whole = replica({
    role: 'all',
    port,
    adminPort,
    env: {
      GATEWAY_PORT: `${port}`,
      ADMIN_PORT: `${adminPort}`,
      DATA_DIR: dataDir,
      GATEWAY_ROUTES: routesFile.path,
      LOG_FORMAT: 'json',
      ...settings,
    },
  })
  ending.defer(whole.kill)
  if (started) await whole.start()
  const everything = ending.move()
  return {
    gateway: whole.client,
    otherGateway: whole.client,
    doorsTo: () => [whole.client],
    replicas: (role = 'all') => (role === 'all' ? [whole] : []),
    ownService,
    logs: whole.logs,
    secrets: [],
    stop: () => everything.disposeAsync(),
    replica: whole,
    dataDir,
  }
}
