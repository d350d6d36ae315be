import type { MysqlPool } from 'kysely'
import type { Pool, PoolConnection } from 'mysql2'
import { unavailable } from './failures.ts'
import type { Limits } from './limits.ts'
import { mysqlConnection, type Connection } from './mysql-connection.ts'
import { retryPauses } from './retry-pauses.ts'

/**
 * What kysely sees as the pool: waits have an end, a new connection is set up before it is used, and a doubtful one
 * is destroyed instead of pooled. mysql2's pool has none of the three for callers that take connections out.
 */
export const mysqlPool = (pool: Pool, limits: Limits): MysqlPool => {
  const connections = new Map<PoolConnection, Connection>()
  // When one connection is found silent, those opened before it are as doubtful: a network that swallows packets
  // swallows them for all. Without this each of them would cost somebody a whole time-out.
  let generation = 0
  const pauseMs = retryPauses(limits)

  const discard = (raw: PoolConnection): void => {
    connections.delete(raw)
    raw.destroy()
  }

  const adopt = async (raw: PoolConnection): Promise<Connection> => {
    const known = connections.get(raw)
    if (known !== undefined) return known
    const connection = mysqlConnection(raw, {
      limits,
      pauseMs,
      generation,
      discard: () => discard(raw),
      onSilence: () => {
        generation += 1
      },
    })
    connections.set(raw, connection)
    for (const event of ['end', 'error']) raw.once(event, () => connections.delete(raw))
    try {
      for (const statement of sessionStatements(limits)) await connection.setUp(statement)
      return connection
    } catch (error) {
      discard(raw)
      throw error
    }
  }

  const take = async (): Promise<Connection> => {
    for (let attempt = 0; attempt <= limits.connectionsMax; attempt += 1) {
      const raw = await takeRaw(pool, limits.acquireTimeoutMs)
      const connection = await adopt(raw)
      if (connection.generation === generation) return connection
      discard(raw)
    }
    throw new Error('no connection stayed good for long enough to be used')
  }

  return {
    getConnection: (callback) => {
      take().then(
        (connection) => callback(undefined, connection),
        // kysely ignores the second argument when there is an error; its type does not say so.
        (error: unknown) => callback(unavailable(error), undefined as never),
      )
    },
    end: (callback) => {
      const timer = setTimeout(() => {
        for (const raw of connections.keys()) discard(raw)
        callback(undefined)
      }, limits.closeTimeoutMs)
      pool.end((error) => {
        clearTimeout(timer)
        callback(error)
      })
    },
  }
}

const takeRaw = (pool: Pool, timeoutMs: number): Promise<PoolConnection> =>
  new Promise((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      reject(new Error(`waited ${timeoutMs} ms for a connection`))
    }, timeoutMs)
    pool.getConnection((error, connection) => {
      clearTimeout(timer)
      if (error) reject(error)
      else if (isLate) connection.release()
      else resolve(connection)
    })
  })

/**
 * The same session on every server, whatever its configuration: strict, so that a value that does not fit is an
 * error and not another value; READ COMMITTED, so that a conditional UPDATE sees what others committed; UTC.
 */
const sessionStatements = (limits: Limits): readonly string[] => [
  'set session transaction isolation level read committed',
  `set session time_zone = '+00:00',
    sql_mode = '${sqlModes.join()}',
    innodb_lock_wait_timeout = ${limits.lockWaitSeconds},
    lock_wait_timeout = ${limits.lockWaitSeconds}`,
]

// What MySQL 8 has by default. No ANSI_QUOTES and no NO_BACKSLASH_ESCAPES: the driver's quoting counts on that.
const sqlModes = [
  'ONLY_FULL_GROUP_BY',
  'STRICT_TRANS_TABLES',
  'NO_ZERO_IN_DATE',
  'NO_ZERO_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ENGINE_SUBSTITUTION',
]
