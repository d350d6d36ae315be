import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { asRefusal, isRetryable, unavailable } from './failures.ts'
import { groupedWrites } from './grouped-writes.ts'
import type { Limits } from './limits.ts'
import { turnstile } from './turnstile.ts'

/**
 * kysely's driver for node:sqlite. Its own SqliteDriver begins transactions that discover too late that somebody else
 * writes, and lets callers wait without end; this one begins with BEGIN IMMEDIATE, waits for another process without
 * stopping the event loop, and bounds the queue before its one connection.
 */
export const sqliteDriver = (database: DatabaseSync, limits: Limits): SqliteDriver => {
  const refusal = (reason: string): Error => unavailable(new Error(`SQLite: ${reason}`))
  const turn = turnstile({ waitingMax: limits.waitingMax, timeoutMs: limits.acquireTimeoutMs, refusal })
  const statements = new Map<string, Prepared>()

  const prepare = (sql: string): Prepared => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = database.prepare(sql)
    // An object that node:sqlite makes is a table of its own each, and costs as much as the statement.
    statement.setReturnArrays(true)
    const prepared = { statement, names: namesOf(statement) }
    for (const [oldest] of statements) {
      if (statements.size < limits.statementsMax) break
      statements.delete(oldest)
    }
    statements.set(sql, prepared)
    return prepared
  }

  const run = <R>(sql: string, parameters: readonly unknown[]): QueryResult<R> => {
    const prepared = prepare(sql)
    const { statement } = prepared
    const values = parameters.map(asInput)
    // The row type is the caller's claim about its own statement, here as in every driver of kysely.
    if (prepared.names.length > 0) return { rows: statement.all(...values).map((row) => rowOf(prepared, row)) as R[] }
    const { changes, lastInsertRowid } = statement.run(...values)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  /**
   * Outside a transaction a busy database is asked again; inside one SQLite is never busy, because we hold its
   * write lock.
   */
  const runPatiently = async <R>(
    sql: string,
    parameters: readonly unknown[],
    attempt = run<R>,
  ): Promise<QueryResult<R>> => {
    for (let waitedMs = 0; ; waitedMs += busyPauseMs) {
      try {
        return attempt(sql, parameters)
      } catch (error) {
        const isPatient = isRetryable(error) && !database.isTransaction && waitedMs < limits.busyTimeoutMs
        if (!isPatient) throw asRefusal(error)
      }
      await delay(busyPauseMs)
    }
  }

  // The next flush writes this too: the log is one file, in the order of the commits. Two pragmas are 3 µs; a flush is
  // 70 µs of processor time, and a millisecond or ten in which the event loop stands still.
  const runUnflushed = <R>(sql: string, parameters: readonly unknown[]): QueryResult<R> => {
    database.exec('pragma synchronous = normal')
    try {
      return run(sql, parameters)
    } finally {
      database.exec('pragma synchronous = full')
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
      executeQuery: <R>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<R>> => {
        if (inside.has(connection)) return runPatiently<R>(sql, parameters)
        // The row type is the caller's claim, as above.
        if (changing.has(query.kind)) return writes.write(sql, parameters) as Promise<QueryResult<R>>
        return inTurn(() => runPatiently<R>(sql, parameters))
      },
      streamQuery,
    }
    return connection
  }
  const unflushedConnection: DatabaseConnection = {
    executeQuery: <R>({ sql, parameters }: CompiledQuery) =>
      inTurn(() => runPatiently<R>(sql, parameters, runUnflushed<R>)),
    streamQuery,
  }

  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connect(),
    releaseConnection: async (connection) => {
      if (inside.delete(connection)) turn.leave()
    },
    beginTransaction: async (connection) => {
      // In the order of arrival: those who came before it go before it.
      void writes.flush()
      await turn.enter()
      inside.add(connection)
      await runPatiently('begin immediate', [])
    },
    commitTransaction: async () => void (await runPatiently('commit', [])),
    // SQLite has rolled back by itself after some failures (disk full, I/O).
    rollbackTransaction: async () => void (database.isTransaction && run('rollback', [])),
    destroy: async () => {
      await writes.flush()
      await turn.enter()
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
          const prepared = prepare(sql)
          const row = prepared.statement.get(asInput(key))
          return row && rowOf(prepared, row)
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

/** With the names of the columns that it answers: none when it only changes something. */
type Prepared = { readonly statement: StatementSync; names: readonly string[] }

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
const rowOf = (prepared: Prepared, row: unknown): Record<string, unknown> => {
  // What `setReturnArrays` asks for, whatever the types say.
  const values = row as readonly unknown[]
  // SQLite prepares a statement anew when somebody has changed the tables.
  if (values.length !== prepared.names.length) prepared.names = namesOf(prepared.statement)
  const { names } = prepared
  const result: Record<string, unknown> = {}
  for (let at = 0; at < names.length; at += 1) {
    const value = values[at]
    result[names[at] ?? ''] =
      value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
  }
  return result
}
