import { sql } from 'kysely'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import { isDuplicateKey } from '@gatehouse/sql/failures.ts'
import { prepared } from '@gatehouse/sql/prepared.ts'
import type { AttemptLog } from '../ports.ts'
import type { Tables } from './tables.ts'

/** So many wrong guesses are free; after each further one the wait doubles, from a second to a quarter of an hour. */
export const attemptLimits = {
  free: 5,
  firstWaitMs: 1_000,
  doublingsMax: 10,
  waitMsMax: 900_000,
  forgottenAfterMs: 86_400_000,
} as const

/**
 * Wrong guesses in SQL. A place is reserved by one conditional UPDATE before anything is hashed: of any number of
 * guesses at once, on any number of replicas, no more are evaluated than are free. Nobody waits for the disk: a power
 * cut may forgive the guesses of its last moment.
 */
export const attemptLog = ({ unflushed }: Pick<Database<Tables>, 'unflushed'>, clock: Clock): AttemptLog => {
  const { free, firstWaitMs, doublingsMax, waitMsMax } = attemptLimits
  // `failures` is the count before this guess: MySQL assigns from left to right, so the wait is reckoned first.
  const wait = sql<number>`case
    when failures + 1 < ${free} then 0
    when failures + 1 - ${free} > ${doublingsMax} then ${waitMsMax}
    when ${firstWaitMs} * (1 << (failures + 1 - ${free})) > ${waitMsMax} then ${waitMsMax}
    else ${firstWaitMs} * (1 << (failures + 1 - ${free})) end`
  const update = prepared(unflushed, (query, { key, now }: Guess) =>
    query
      .updateTable('login_attempts')
      .set({ next_at: sql<number>`${now} + ${wait}`, updated_at: now })
      .set(({ eb }) => ({ failures: eb('failures', '+', 1) }))
      .where('bucket', '=', key)
      .where('next_at', '<=', now),
  )
  const insert = prepared(unflushed, (query, { key, now }: Guess) =>
    query.insertInto('login_attempts').values({ bucket: key, failures: 1, next_at: now, updated_at: now }),
  )
  const remove = prepared(unflushed, (query, { key }: Pick<Guess, 'key'>) =>
    query.deleteFrom('login_attempts').where('bucket', '=', key),
  )

  const countOneMore = async (key: string, now: number): Promise<boolean> => {
    const { numAffectedRows = 0n } = await update({ key, now })
    return numAffectedRows > 0n
  }

  const insertFirst = async (key: string, now: number): Promise<boolean> => {
    try {
      await insert({ key, now })
      return true
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      return false
    }
  }

  return {
    reserve: async (key) => {
      const now = clock.now()
      // The second UPDATE: another guess made the row between the first one and our INSERT.
      if ((await countOneMore(key, now)) || (await insertFirst(key, now)) || (await countOneMore(key, now))) return 0
      const row = await unflushed
        .selectFrom('login_attempts')
        .select('next_at')
        .where('bucket', '=', key)
        .executeTakeFirst()
      // Cleared in between by a right password: the next try will see it.
      return Math.max(row === undefined ? 0 : row.next_at - now, 1)
    },

    release: async (key) => {
      await unflushed
        .updateTable('login_attempts')
        .set(({ eb }) => ({ failures: eb('failures', '-', 1), next_at: clock.now() }))
        .where('bucket', '=', key)
        .where('failures', '>', 0)
        .execute()
    },

    clear: async (key) => {
      await remove({ key })
    },
  }
}

type Guess = { readonly key: string; readonly now: number }
