import { setTimeout as delay } from 'node:timers/promises'
import { sql, type Kysely, type Transaction } from 'kysely'
import { parseDatabaseUrl } from './database-url.ts'
import { isRetryable, unavailable } from './failures.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { openMysql } from './mysql.ts'
import type { PointReads } from './point-reads.ts'
import { retryPauses } from './retry-pauses.ts'
import { openSqlite } from './sqlite.ts'

/**
 * A service's database. Whatever fails because it is away, overloaded, read-only or too slow is thrown as the refusal
 * `database-unavailable`, and works again without a restart as soon as the database does.
 */
export type Database<Tables> = {
  readonly dialect: 'sqlite' | 'mysql'
  /** For single statements: each is a transaction of its own. */
  readonly query: Kysely<Tables>
  /**
   * For single statements that a power cut may undo: in force for everybody as soon as they are answered, whatever
   * becomes of this process, but nobody waits for the disk, which on SQLite is nearly all that a small write costs.
   * What `query` writes after them is there only if they are. Never for what somebody was promised.
   */
  readonly unflushed: Kysely<Tables>
  /**
   * Does all of the work or none of it. The whole of it is done again, up to three times, when the database made it
   * a victim (deadlock, lock wait): so it has no effect but through `trx`. Never use `query` inside: on SQLite,
   * which has one connection, it would wait for the very transaction it stands in.
   *
   * When the connection is lost during COMMIT the outcome is unknown: `database-unavailable` is thrown, nothing is
   * done again, and a caller that must know reads.
   */
  readonly transaction: <T>(work: (trx: Transaction<Tables>) => Promise<T>) => Promise<T>
  /** The same database without a request's time limits, for migrations. On MySQL one connection of its own. */
  readonly maintenance: Kysely<Tables>
  /**
   * For rows that are read one by one and often: a read that costs a fraction of a `query`, and is as fresh. Reads that
   * arrive together go to MySQL together.
   */
  readonly pointReads: <Row extends object>(reads: PointReads<Tables, Row>) => (key: string) => Promise<Row | undefined>
  /** One round trip; throws `database-unavailable`. */
  readonly ping: () => Promise<void>
  /** Waits for what is under way, not for ever. */
  readonly close: () => Promise<void>
}

/**
 * Opens the database that the URL names (see database-url.ts for the spellings). A SQLite file that cannot be
 * opened fails here, with a sentence for the operator; a MySQL that is away fails at the first statement.
 */
export const openDatabase = async <Tables>(url: string, bounds: Partial<Limits> = {}): Promise<Database<Tables>> => {
  const address = parseDatabaseUrl(url)
  const limits = { ...defaultLimits, ...bounds }
  const pauseMs = retryPauses(limits)
  const { query, unflushed, maintenance, pointReads, close } =
    address.dialect === 'sqlite' ? openSqlite<Tables>(address, limits) : await openMysql<Tables>(address, limits)
  return {
    dialect: address.dialect,
    query,
    unflushed,
    maintenance,
    pointReads,
    transaction: (work) => transactRepeatedly(query, work, limits.retries, pauseMs),
    ping: async () => {
      await sql`select 1`.execute(query)
    },
    close,
  }
}

const transactRepeatedly = async <Tables, T>(
  query: Kysely<Tables>,
  work: (trx: Transaction<Tables>) => Promise<T>,
  retries: number,
  pauseMs: (attempt: number) => number,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await query.transaction().execute(work)
    } catch (error) {
      if (!isRetryable(error)) throw error
      if (attempt > retries) throw unavailable(error)
    }
    await delay(pauseMs(attempt))
  }
}
