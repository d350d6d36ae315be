import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Opens a SQLite file, made when it is missing: readable by its owner alone, its folder too. SQLite gives `-wal` and
 * `-shm` the mode of the file.
 */
export const openSqliteFile = (path: string): DatabaseSync => {
  try {
    const file = path === ':memory:' ? path : resolve(path)
    if (file !== ':memory:') createPrivately(file)
    const database = new DatabaseSync(file, { timeout: 0 })
    try {
      database.exec(settings)
    } catch (error) {
      database.close()
      throw error
    }
    return database
  } catch (error) {
    throw new Error(`the SQLite database ${path} cannot be opened: ${reason(error)}`, { cause: error })
  }
}

// NORMAL: the file is whole after a power cut; that what was answered is in it, wal-flushes.ts sees to. The switch to
// WAL may meet another process at its first start, which is the one wait here that blocks: afterwards the driver waits
// without stopping the event loop. The first read makes the log.
const settings = `
  pragma busy_timeout = 5000;
  pragma journal_mode = wal;
  pragma busy_timeout = 0;
  pragma synchronous = normal;
  pragma foreign_keys = on;
  pragma trusted_schema = off;
  select 1 from sqlite_schema limit 1;
`

const createPrivately = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  closeSync(openSync(file, 'a', 0o600))
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))
