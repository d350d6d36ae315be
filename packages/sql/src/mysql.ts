import { Kysely, MysqlDialect } from 'kysely'
import type { PoolOptions } from 'mysql2'
import type { MysqlAddress } from './database-url.ts'
import { gatheredReads } from './gathered-reads.ts'
import type { Handles } from './handles.ts'
import { maintenanceLimits, type Limits } from './limits.ts'
import { mysqlPool } from './mysql-pool.ts'
import { statementsOf, type PointReads } from './point-reads.ts'

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
    // When a MySQL flushes is its operator's choice, and the same for all statements.
    unflushed: service.query,
    maintenance: maintenance.query,
    pointReads: (reads) => gathered(service.query, reads, limits.readsTogetherMax),
    close: async () => {
      await Promise.all([service.close(), maintenance.close()])
    },
  }
}

type Opened<Tables> = { readonly query: Kysely<Tables>; readonly close: () => Promise<void> }

/**
 * As text and not prepared on the server: that gave nothing here, and mysql2 waits for ever for a server that hangs
 * while it prepares.
 */
const gathered = <Tables, Row extends object>(
  query: Kysely<Tables>,
  reads: PointReads<Tables, Row>,
  keysMax: number,
): ((key: string) => Promise<Row | undefined>) => {
  const statementFor = statementsOf(query, reads)
  return gatheredReads<Row>({
    keyOf: reads.keyOf,
    keysMax,
    readRows: async (keys) => (await query.executeQuery<Row>({ ...statementFor(keys.length), parameters: keys })).rows,
  })
}

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
