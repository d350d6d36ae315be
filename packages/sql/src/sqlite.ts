import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type Driver } from 'kysely'
import type { SqliteAddress } from './database-url.ts'
import type { Handles } from './handles.ts'
import type { Limits } from './limits.ts'
import { statementsOf, type PointReads } from './point-reads.ts'
import { sqliteDriver } from './sqlite-driver.ts'
import { openSqliteFile } from './sqlite-file.ts'
import { flushesBy, walSync } from './wal-flushes.ts'

/** Opens a SQLite file, or a database in memory. */
export const openSqlite = <Tables>({ path }: SqliteAddress, limits: Limits, syncOf = walSync): Handles<Tables> => {
  const file = openSqliteFile(path)
  const { flushed, close } = flushesBy(syncOf(file))
  const driver = sqliteDriver(file, limits, flushed)
  const over = (driver: Driver) =>
    new Kysely<Tables>({
      dialect: {
        createAdapter: () => new Adapter(),
        createDriver: () => driver,
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    })
  const query = over(driver)
  return {
    query,
    unflushed: over(driver.unflushed),
    // There is one connection, and nothing here takes long enough to be told apart.
    maintenance: query,
    pointReads: <Row extends object>(reads: PointReads<Tables, Row>) => {
      const { sql } = statementsOf(query, reads)(1)
      // The row type is the statement's own, which kysely has worked out.
      return (key: string) => driver.readRow(sql, key) as Promise<Row | undefined>
    },
    close: async () => {
      try {
        await query.destroy()
      } finally {
        // kysely does not close what it never used, nor what is still in use when the wait is over.
        if (file.isOpen) file.close()
        close()
      }
    },
  }
}

/** kysely's own says that SQLite cannot migrate in a transaction; it can, and two processes at once need it. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }

  /** The driver has a queue of its own, with bounds. */
  override get supportsMultipleConnections(): boolean {
    return true
  }
}
