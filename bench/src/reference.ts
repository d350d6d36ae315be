import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { startMysql } from '@gatehouse/testing/mysql.ts'
import { spawnProcess, type RunningProcess } from '@gatehouse/testing/processes.ts'
import { succeedsOrInstall } from '@gatehouse/testing/programs.ts'
import { startRedis } from '@gatehouse/testing/redis.ts'
import { peersFolder } from './peers-folder.ts'
import { prepareReference } from './reference-requests.ts'
import type { AccountSystem } from './system.ts'

const folder = join(peersFolder, 'reference')

/**
 * Starts the system that Gatehouse was asked for, as its tutorial has it: three services in Flask under gunicorn, on a
 * MariaDB and a Redis of its own. `settings` is for trying other numbers of workers than the best.
 */
export const startReference = async (settings: Readonly<Record<string, string>> = {}): Promise<AccountSystem> => {
  requirePackages()
  await using ending = new AsyncDisposableStack()
  const scratch = await mkdtemp(join(tmpdir(), 'gatehouse-reference-'))
  ending.defer(() => rm(scratch, { recursive: true, force: true }))
  const mysql = await startMysql()
  ending.defer(mysql.stop)
  const redis = await startRedis()
  ending.defer(redis.stop)
  const database = await mysql.createDatabase('flask_microservices')
  const [port, authPort, userPort] = [await freePort(), await freePort(), await freePort()]
  const secret = randomBytes(32).toString('hex')
  const env = {
    DATABASE_URL: database.replace(/^mysql:/, 'mysql+pymysql:'),
    REDIS_URL: redis.url,
    JWT_SECRET_KEY: secret,
    AUTH_SERVICE_URL: `http://127.0.0.1:${authPort}`,
    USER_SERVICE_URL: `http://127.0.0.1:${userPort}`,
    PYTHONPATH: folder,
    PYTHONDONTWRITEBYTECODE: '1',
    ...settings,
  }
  const serve = async (service: string, own: Readonly<Record<string, string>>): Promise<RunningProcess> => {
    const cwd = join(folder, service)
    // Once, before there are workers: two that create the same tables at once are an error.
    const created = await spawnProcess(python, ['-c', 'import app'], { cwd, env }).ended()
    if (created.code !== 0) throw new Error(`the reference's ${service} cannot be imported`)
    const args = ['-m', 'gunicorn', '--config', join(folder, 'gunicorn.conf.py'), 'app:app']
    const life = spawnProcess(python, args, { cwd, env: { ...env, ...own } })
    ending.defer(async () => void (await life.stop()))
    await life.waitForUrl(`http://127.0.0.1:${own['PORT']}/health`, { status: 200 })
    return life
  }
  const auth = await serve('auth-service', { PORT: String(authPort) })
  const users = await serve('user-service', { PORT: String(userPort) })
  const gateway = await serve('api-gateway', { PORT: String(port), ACCESS_LOG: join(scratch, 'access.log') })
  const everything = ending.move()
  return {
    name: 'reference',
    port,
    processes: {
      gateway: gateway.pid,
      'auth-service': auth.pid,
      'user-service': users.pid,
      mariadb: mysql.pid(),
      redis: redis.pid(),
    },
    prepare: prepareReference({ origin: `http://127.0.0.1:${port}`, secret }),
    stop: () => everything.disposeAsync(),
  }
}

/** Debian's own, which has Debian's packages: another one may come first on the PATH. */
const python = '/usr/bin/python3'

const modules = ['gunicorn', 'flask_sqlalchemy', 'sqlalchemy.cprocessors', 'pymysql', 'redis', 'jwt', 'requests']

const debianPackages = [
  'python3-gunicorn',
  'python3-flask',
  'python3-flask-sqlalchemy',
  'python3-sqlalchemy-ext',
  'python3-pymysql',
  'python3-redis',
  'python3-jwt',
  'python3-requests',
] as const

const requirePackages = (): void => {
  if (succeedsOrInstall(`${python} -c "import ${modules.join(', ')}"`, debianPackages)) return
  const line = `sudo apt-get install ${debianPackages.join(' ')}`
  throw new Error(`the reference system needs Debian's packages, which cannot be installed here: ${line}`)
}
