import { setTimeout as delay } from 'node:timers/promises'
import type { MysqlPoolConnection, MysqlQueryResult } from 'kysely'
import type { PoolConnection } from 'mysql2'
import { asRefusal, isBroken, isRetryable, unavailable } from './failures.ts'
import type { Limits } from './limits.ts'

/** A connection of the pool as kysely uses it. */
export type Connection = MysqlPoolConnection & {
  /** The pool's generation when it was opened. */
  readonly generation: number
  /** Executes a statement of the set-up. */
  readonly setUp: (statement: string) => Promise<void>
}

type Surroundings = {
  readonly limits: Limits
  /** How long to wait before a statement is repeated. */
  readonly pauseMs: (attempt: number) => number
  readonly generation: number
  /** Destroys it and takes it off the pool's books. */
  readonly discard: () => void
  /** Called when a statement got no answer in time. */
  readonly onSilence: () => void
}

/**
 * Wraps a connection: every statement has a time-out, a doubtful connection is destroyed when it is given back, and
 * a statement outside a transaction is repeated when MySQL made it a victim. Inside one the whole transaction is
 * repeated, which is not ours to do.
 *
 * A connection that is lost during COMMIT leaves the outcome unknown. The caller gets `database-unavailable`,
 * nothing is repeated; whoever must know reads.
 */
export const mysqlConnection = (
  raw: PoolConnection,
  { limits, pauseMs, generation, discard, onSilence }: Surroundings,
): Connection => {
  let isDoubtful = false
  let isInTransaction = false

  const ask = (sql: string, values: readonly unknown[]): Promise<MysqlQueryResult> =>
    new Promise((resolve, reject) => {
      raw.query({ sql, values: [...values], timeout: limits.queryTimeoutMs }, (error, result) => {
        // mysql2's type lists every shape a result can have; without multiple statements it is one of these two.
        if (error) reject(withoutSql(error))
        else resolve(result as unknown as MysqlQueryResult)
      })
    })

  const doubt = (error: unknown, sql: string): void => {
    if (isBroken(error) || endsTransaction.has(sql)) isDoubtful = true
    if (error instanceof Error && 'code' in error && error.code === 'PROTOCOL_SEQUENCE_TIMEOUT') onSilence()
  }

  const execute = async (sql: string, values: readonly unknown[]): Promise<MysqlQueryResult> => {
    // The server undoes what a destroyed connection had begun; asking a silent one to do it would only take longer.
    if (isDoubtful && sql === 'rollback') return []
    if (isDoubtful) throw unavailable(new Error('the connection was lost earlier in this transaction'))
    values.forEach(mustBePlain)
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await ask(sql, values)
        if (sql === 'begin') isInTransaction = true
        if (endsTransaction.has(sql)) isInTransaction = false
        return result
      } catch (error) {
        doubt(error, sql)
        const isVictim = isRetryable(error) && !isDoubtful
        // transaction() sees the driver's own error and starts anew.
        if (isVictim && isInTransaction) throw error
        if (!isVictim || attempt > limits.retries) throw asRefusal(error)
        await delay(pauseMs(attempt))
      }
    }
  }

  return {
    generation,
    config: raw.config,
    threadId: raw.threadId ?? 0,
    connect: (callback) => callback?.(undefined),
    destroy: discard,
    release: () => {
      if (isDoubtful || isInTransaction) discard()
      else raw.release()
    },
    setUp: async (statement) => {
      await ask(statement, [])
    },
    query: (sql: string, parameters: readonly unknown[], callback?: Parameters<MysqlPoolConnection['query']>[2]) => {
      if (callback === undefined) throw new Error('streaming is not offered: a result has a bound')
      execute(sql, parameters).then(
        (result) => callback(undefined, result),
        (error: unknown) => callback(error, []),
      )
      // Only kysely's streaming looks at what is returned, and that has no callback.
      return { stream: noStream }
    },
  }
}

const endsTransaction = new Set(['commit', 'rollback'])

/** The values that cannot turn into SQL text of a caller's choosing. */
const mustBePlain = (value: unknown): void => {
  const isPlain = ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
  if (!isPlain && value !== null && !(value instanceof Uint8Array)) {
    throw new TypeError(`a value of type ${typeof value} cannot be stored`)
  }
}

const noStream = (): never => {
  throw new Error('streaming is not offered: a result has a bound')
}

/**
 * mysql2 puts the whole statement on its errors, values and all: password hashes and addresses, on their way to a log.
 */
const withoutSql = (error: Error): Error => {
  if ('sql' in error) delete error.sql
  return error
}
