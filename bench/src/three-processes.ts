import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { startMysql } from '@gatehouse/testing/mysql.ts'
import { startRedis } from '@gatehouse/testing/redis.ts'
import { ownFolder, type HousePlan } from './house.ts'
import { migrate } from './serve.ts'

/** One of each service as a process of its own, on a MariaDB and a Redis that nobody else uses. */
export const threeProcesses: HousePlan = async (ending) => {
  const folder = await ownFolder(ending)
  const mysql = await startMysql()
  ending.defer(mysql.stop)
  const redis = await startRedis()
  ending.defer(redis.stop)
  const [port, authPort, userPort] = [await freePort(), await freePort(), await freePort()]
  const env = {
    DATA_DIR: join(folder, 'data'),
    GATEWAY_PORT: String(port),
    AUTH_PORT: String(authPort),
    USER_PORT: String(userPort),
    AUTH_SERVICE_URL: `http://127.0.0.1:${authPort}`,
    USER_SERVICE_URL: `http://127.0.0.1:${userPort}`,
    AUTH_DATABASE_URL: await mysql.createDatabase('auth'),
    USER_DATABASE_URL: await mysql.createDatabase('users'),
    REDIS_URL: redis.url,
    JWT_SECRET_KEY: randomBytes(32).toString('hex'),
    INTERNAL_SECRET: randomBytes(32).toString('hex'),
    LOG_FORMAT: 'json',
  }
  await migrate(env)
  return {
    name: 'gatehouse, three processes',
    port,
    targets: { gateway: 'api-gateway', auth: 'auth-service', user: 'user-service' },
    env,
    folder,
    servers: { mariadb: mysql.pid(), redis: redis.pid() },
  }
}
