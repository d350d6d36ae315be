import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { createMysqlDatabase, executeSql } from '@gatehouse/testing/mysql-database.ts'
import { startMysql, type TestMysql } from '@gatehouse/testing/mysql.ts'
import { startRedis, type TestRedis } from '@gatehouse/testing/redis.ts'
import { startOwnService } from './own-service.ts'
import { gatehouse, replica, type Environment } from './replica.ts'
import { writeRoutes, type RouteRow, type RoutesFile } from './routes.ts'
import { passwordIn, type Replica, type Role, type World } from './world.ts'

/** The house as processes of their own, on MySQL or MariaDB and Redis. */
export type ManyProcesses = World & {
  readonly redis: TestRedis
  readonly authDatabaseUrl: string
  readonly userDatabaseUrl: string
  /** Changes the route file that all gateways were started with. */
  readonly setRoutes: RoutesFile['set']
}

type Options = {
  /** Two of each unless told otherwise. */
  readonly replicas?: Replicas
  /** A database server that this test may break; otherwise the one that all tests share, where there is one. */
  readonly mysql?: TestMysql
  /** Settings over the defaults of this world. */
  readonly settings?: Environment
  /** Besides those that every world has. */
  readonly routes?: readonly RouteRow[]
}

/** How many processes of each service. */
export type Replicas = { readonly auth: number; readonly users: number; readonly gateways: number }

/** Starts replicas of each service, all at once: none may need another to be there before it. */
export const startManyProcesses = async ({
  replicas = twoOfEach,
  mysql,
  settings = {},
  routes: more = [],
}: Options = {}): Promise<ManyProcesses> => {
  // Whatever fails on the way, what has been started by then is ended: a server left listening keeps a test alive.
  await using ending = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-system-'))
  ending.defer(() => rm(folder, { recursive: true, force: true }))
  const ownService = await startOwnService()
  ending.defer(ownService.stop)
  const redis = await startRedis()
  ending.defer(redis.stop)
  const { authDatabaseUrl, userDatabaseUrl } = await twoDatabases(ending, mysql)
  const keys = { JWT_SECRET_KEY: randomBytes(32).toString('hex'), INTERNAL_SECRET: randomBytes(32).toString('hex') }
  const routes = await writeRoutes(folder, ownService.origin)
  await routes.set(more)
  const common = {
    ...keys,
    DATA_DIR: join(folder, 'data'),
    // As the reference system's files spell it; user-service has a database of its own besides.
    DATABASE_URL: authDatabaseUrl.replace('mysql://', 'mysql+pymysql://'),
    USER_DATABASE_URL: userDatabaseUrl,
    REDIS_URL: redis.url,
    GATEWAY_ROUTES: routes.path,
    PASSWORD_POLICY: 'relaxed',
    LOG_FORMAT: 'json',
    ...settings,
  }
  const all = await planReplicas(replicas, common)
  for (const { kill } of all) ending.defer(kill)
  const of = (role?: Role): readonly Replica[] => all.filter((each) => role === undefined || each.role === role)
  const clients = (role: Role) => of(role).map(({ client }) => client)
  const [gateway, otherGateway = gateway] = clients('api-gateway')
  if (gateway === undefined || otherGateway === undefined) throw new Error('a world has a gateway')

  const migration = gatehouse(['migrate'], common)
  const { code } = await migration.ended()
  if (code !== 0) throw new Error(`migrate ended with ${code}:\n${migration.output()}`)
  await Promise.all(all.map(({ start }) => start()))
  const everything = ending.move()
  return {
    gateway,
    otherGateway,
    doorsTo: (service) => [...clients('api-gateway'), ...clients(service)],
    replicas: of,
    ownService,
    logs: () => all.map(({ logs }) => logs()).join('\n'),
    secrets: [...Object.values(keys), ...[authDatabaseUrl, userDatabaseUrl, redis.url].flatMap(passwordIn)],
    stop: () => everything.disposeAsync(),
    setRoutes: routes.set,
    redis,
    authDatabaseUrl,
    userDatabaseUrl,
  }
}

const twoOfEach: Replicas = { auth: 2, users: 2, gateways: 2 }

/** One of each, where it is not replicas that matter. */
export const oneOfEach: Replicas = { auth: 1, users: 1, gateways: 1 }

const planReplicas = async (replicas: Replicas, common: Environment): Promise<readonly Replica[]> => {
  const ports = async (count: number): Promise<readonly number[]> =>
    Promise.all(Array.from({ length: count }, freePort))
  const [auth, users, gateways] = [
    await ports(replicas.auth),
    await ports(replicas.users),
    await ports(replicas.gateways),
  ]
  const urls = (ports: readonly number[]): string => ports.map((port) => `http://127.0.0.1:${port}`).join(',')
  const env = { ...common, AUTH_SERVICE_URL: urls(auth), USER_SERVICE_URL: urls(users) }
  const plan = async (role: Role, name: string, port: number): Promise<Replica> => {
    const adminPort = await freePort()
    return replica({ role, port, adminPort, env: { ...env, [name]: `${port}`, ADMIN_PORT: `${adminPort}` } })
  }
  return Promise.all([
    ...auth.map((port) => plan('auth-service', 'AUTH_PORT', port)),
    ...users.map((port) => plan('user-service', 'USER_PORT', port)),
    ...gateways.map((port) => plan('api-gateway', 'GATEWAY_PORT', port)),
  ])
}

type Databases = { readonly authDatabaseUrl: string; readonly userDatabaseUrl: string }

const twoDatabases = async (ending: AsyncDisposableStack, given: TestMysql | undefined): Promise<Databases> => {
  const shared = process.env['TEST_MYSQL_URL']
  const admin = given?.url ?? shared ?? (await ownServer(ending))
  const create = async (owner: string): Promise<string> => {
    const name = `system_${owner}_${randomBytes(6).toString('hex')}`
    const url = await createMysqlDatabase(admin, name)
    // Only what others go on using has to be tidied up.
    if (given === undefined && shared !== undefined) {
      ending.defer(async () => {
        await executeSql(admin, `drop database if exists ${name}`)
        await executeSql(admin, `drop user if exists '${name}'@'%'`)
      })
    }
    return url
  }
  return { authDatabaseUrl: await create('auth'), userDatabaseUrl: await create('users') }
}

const ownServer = async (ending: AsyncDisposableStack): Promise<string> => {
  const { url, stop } = await startMysql()
  ending.defer(stop)
  return url
}
