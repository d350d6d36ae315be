import { randomBytes } from 'node:crypto'
import { startMysql } from '@gatehouse/testing/mysql.ts'
import { startRedis } from '@gatehouse/testing/redis.ts'
import { ownFolder, type HousePlan } from './house.ts'
import { migrate } from './serve.ts'
import { threeServices } from './three-services.ts'

/** One of each service as a process of its own, on a MariaDB and a Redis that nobody else uses. */
export const threeProcesses: HousePlan = {
  name: 'gatehouse, three processes',
  lay: async (ending) => {
    const folder = await ownFolder(ending)
    const mysql = await startMysql()
    ending.defer(mysql.stop)
    const redis = await startRedis()
    ending.defer(redis.stop)
    const { port, env } = await threeServices({
      folder,
      authDatabaseUrl: await mysql.createDatabase('auth'),
      userDatabaseUrl: await mysql.createDatabase('users'),
      redisUrl: redis.url,
      secret: randomBytes(32).toString('hex'),
    })
    await migrate(env)
    return {
      port,
      targets: { gateway: 'api-gateway', auth: 'auth-service', user: 'user-service' },
      env,
      folder,
      servers: { mariadb: mysql.pid(), redis: redis.pid() },
    }
  },
}
