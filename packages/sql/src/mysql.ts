import { Kysely, MysqlDialect } from 'kysely'
import type { PoolOptions } from 'mysql2'
import type { MysqlAddress } from './database-url.ts'
import type { Handles } from './handles.ts'
import { maintenanceLimits, type Limits } from './limits.ts'
import { mysqlPool } from './mysql-pool.ts'

/**
 * Opens a MySQL or MariaDB. Nothing is connected before the first statement, so that a service can start before
 * its database.
 */
export const openMysql = async <Tables>(address: MysqlAddress, limits: Limits): Promise<Handles<Tables>> => {
  // A process that serves from SQLite never loads the driver.
  const { createPool } = await import('mysql2')
  const open = (bounds: Limits): Opened<Tables> => {
    const pool = mysqlPool(createPool(poolOptions(address, bounds)), bounds)
    return { query: new Kysely<Tables>({ dialect: new MysqlDialect({ pool }) }), close: () => ended(pool) }
  }
  const service = open(limits)
  const maintenance = open(maintenanceLimits(limits))
  return {
    query: service.query,
    maintenance: maintenance.query,
    close: async () => {
      await Promise.all([service.close(), maintenance.close()])
    },
  }
}

type Opened<Tables> = { readonly query: Kysely<Tables>; readonly close: () => Promise<void> }

/** Not through kysely, whose `destroy` leaves a pool alone that it has not used yet. */
const ended = (pool: ReturnType<typeof mysqlPool>): Promise<void> =>
  new Promise((resolve, reject) => {
    pool.end((error) => (error instanceof Error ? reject(error) : resolve()))
  })

const poolOptions = (address: MysqlAddress, limits: Limits): PoolOptions => ({
  host: address.host,
  port: address.port,
  user: address.user,
  password: address.password,
  database: address.database,
  ...(address.tls ? { ssl: { rejectUnauthorized: true, minVersion: 'TLSv1.2' } } : {}),
  charset: 'utf8mb4',
  timezone: 'Z',
  // BIGINT is a number as long as that is exact, and text beyond.
  supportBigNumbers: true,
  bigNumberStrings: false,
  // An object as a parameter must never become SQL; see also the check in mysql-connection.ts.
  stringifyObjects: true,
  multipleStatements: false,
  connectionLimit: limits.connectionsMax,
  queueLimit: limits.waitingMax,
  waitForConnections: true,
  connectTimeout: limits.connectTimeoutMs,
  enableKeepAlive: true,
  keepAliveInitialDelay: 10_000,
})
