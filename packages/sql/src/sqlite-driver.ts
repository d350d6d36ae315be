import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { asRefusal, isRetryable, unavailable } from './failures.ts'
import { groupedWrites } from './grouped-writes.ts'
import type { Limits } from './limits.ts'
import { turnstile } from './turnstile.ts'
import type { Flushes } from './wal-flushes.ts'

/**
 * kysely's driver for node:sqlite. Its own SqliteDriver begins transactions that discover too late that somebody else
 * writes, and lets callers wait without end; this one begins with BEGIN IMMEDIATE, waits for another process without
 * stopping the event loop, and for the disk too; and it bounds the queue before its one connection.
 *
 * Whatever changes something is answered when it is on the disk; reads see it from its commit on.
 */
export const sqliteDriver = (database: DatabaseSync, limits: Limits, flushed: Flushes['flushed']): SqliteDriver => {
  const refusal = (reason: string): Error => unavailable(new Error(`SQLite: ${reason}`))
  const turn = turnstile({ waitingMax: limits.waitingMax, timeoutMs: limits.acquireTimeoutMs, refusal })
  const statements = new Map<string, Prepared>()

  const prepare = (sql: string): Prepared => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = database.prepare(sql)
    // An object that node:sqlite makes is a table of its own each, and costs as much as the statement.
    statement.setReturnArrays(true)
    const prepared = { statement, names: namesOf(statement), isOpenEnded: sql.includes('*') }
    for (const [oldest] of statements) {
      if (statements.size < limits.statementsMax) break
      statements.delete(oldest)
    }
    statements.set(sql, prepared)
    return prepared
  }

  const run = <R>(sql: string, parameters: readonly unknown[]): QueryResult<R> => {
    const { statement, names, isOpenEnded } = prepare(sql)
    const values = parameters.map(asInput)
    if (names.length > 0) {
      const rows = statement.all(...values)
      // SQLite prepares a statement anew, as it runs, when somebody has changed the tables.
      const now = isOpenEnded ? namesOf(statement) : names
      // The row type is the caller's claim about its own statement, here as in every driver of kysely.
      return { rows: rows.map((row) => rowOf(now, row)) as R[] }
    }
    const { changes, lastInsertRowid } = statement.run(...values)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  /**
   * Outside a transaction a busy database is asked again; inside one SQLite is never busy, because we hold its
   * write lock.
   */
  const runPatiently = async <R>(sql: string, parameters: readonly unknown[]): Promise<QueryResult<R>> => {
    for (let waitedMs = 0; ; waitedMs += busyPauseMs) {
      try {
        return run(sql, parameters)
      } catch (error) {
        const isPatient = isRetryable(error) && !database.isTransaction && waitedMs < limits.busyTimeoutMs
        if (!isPatient) throw asRefusal(error)
      }
      await delay(busyPauseMs)
    }
  }

  const streamQuery = (): never => {
    throw new Error('streaming is not offered: a result has a bound')
  }
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    await turn.enter()
    try {
      return await work()
    } finally {
      turn.leave()
    }
  }
  const writes = groupedWrites({
    run,
    runPatiently,
    isInTransaction: () => database.isTransaction,
    flushed,
    turn,
    writesTogetherMax: limits.writesTogetherMax,
    waitingMax: limits.waitingMax,
    asRefusal,
    refusal,
  })

  // Those of kysely's connections that have begun a transaction, and with it the turn. A statement outside one takes
  // it for itself.
  const inside = new WeakSet<DatabaseConnection>()
  const connect = (): DatabaseConnection => {
    const connection: DatabaseConnection = {
      executeQuery: async <R>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<R>> => {
        if (inside.has(connection)) return runPatiently<R>(sql, parameters)
        // The row type is the caller's claim, as above.
        if (changing.has(query.kind)) return writes.write(sql, parameters) as Promise<QueryResult<R>>
        const result = await inTurn(() => runPatiently<R>(sql, parameters))
        // What is written out by hand may be anything.
        if (query.kind !== 'SelectQueryNode') await flushed()
        return result
      },
      streamQuery,
    }
    return connection
  }
  const leave = (connection: DatabaseConnection): void => {
    if (inside.delete(connection)) turn.leave()
  }
  // The next flush takes this along: the log is one file, in the order of the commits.
  const unflushedConnection: DatabaseConnection = {
    executeQuery: <R>({ sql, parameters }: CompiledQuery) => inTurn(() => runPatiently<R>(sql, parameters)),
    streamQuery,
  }

  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connect(),
    releaseConnection: async (connection) => leave(connection),
    beginTransaction: async (connection) => {
      // In the order of arrival: those who came before it go before it.
      void writes.flush()
      await turn.enter()
      inside.add(connection)
      await runPatiently('begin immediate', [])
    },
    commitTransaction: async (connection) => {
      await runPatiently('commit', [])
      // While this waits for the disk others go on; what they commit is the next flush.
      leave(connection)
      await flushed()
    },
    // SQLite has rolled back by itself after some failures (disk full, I/O). One that was committed has left, and the
    // transaction that is under way is another one's.
    rollbackTransaction: async (connection) => {
      if (inside.has(connection) && database.isTransaction) run('rollback', [])
    },
    destroy: async () => {
      await writes.flush()
      await turn.enter()
      await flushed()
      if (database.isOpen) database.close()
    },
  }

  return {
    ...driver,
    unflushed: {
      ...driver,
      acquireConnection: async () => unflushedConnection,
      beginTransaction: () => Promise.reject(new Error('a transaction is flushed, or it is none')),
    },
    readRow: async (sql, key) => {
      if (!turn.isTaken()) {
        try {
          const { statement, names } = prepare(sql)
          const row = statement.get(asInput(key))
          return row && rowOf(names, row)
        } catch (error) {
          if (!isRetryable(error)) throw asRefusal(error)
        }
      }
      const { rows } = await inTurn(() => runPatiently<Record<string, unknown>>(sql, [key]))
      return rows[0]
    },
  }
}

/** The driver, and a way past kysely. */
export type SqliteDriver = Driver & {
  /**
   * Reads one row: at once, or after the transaction that is under way, for what that has not committed may not be told
   * of.
   */
  readonly readRow: (sql: string, key: string) => Promise<Record<string, unknown> | undefined>
  /** The same connection, for single statements that are not flushed. */
  readonly unflushed: Driver
}

type Prepared = {
  readonly statement: StatementSync
  /** Of the columns that it answers: none when it only changes something. */
  readonly names: readonly string[]
  /** Whether it answers whatever columns there are: `select *`. */
  readonly isOpenEnded: boolean
}

const namesOf = (statement: StatementSync): readonly string[] => statement.columns().map(({ name }) => name)

const busyPauseMs = 5

/** Statements that change rows and nothing else: of these several can be one transaction. */
const changing: ReadonlySet<string> = new Set(['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode'])

const asInput = (value: unknown): SQLInputValue => {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
      return value
    case 'boolean':
      return value ? 1 : 0
    default:
      if (value === null || value instanceof Uint8Array) return value
      throw new TypeError(`a value of type ${typeof value} cannot be stored`)
  }
}

/** Rows as MySQL gives them: ordinary objects, and bytes as Buffers. */
const rowOf = (names: readonly string[], row: unknown): Record<string, unknown> => {
  // What `setReturnArrays` asks for, whatever the types say.
  const values = row as readonly unknown[]
  const result: Record<string, unknown> = {}
  for (let at = 0; at < names.length; at += 1) {
    const value = values[at]
    result[names[at] ?? ''] =
      value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
  }
  return result
}
