import { sql } from 'kysely'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import { isDuplicateKey } from '@gatehouse/sql/failures.ts'
import { prepared } from '@gatehouse/sql/prepared.ts'
import type { Account, Accounts } from '../ports.ts'
import type { RecordingLog } from './event-log.ts'
import { raiseEpoch } from './raise-epoch.ts'
import type { Tables } from './tables.ts'

type Parts = {
  readonly database: Database<Tables>
  readonly log: RecordingLog
  readonly clock: Clock
  /** How long an access token may live, in milliseconds: a login that runs beside a deletion may still make one. */
  readonly accessTokenTtlMs: number
}

/**
 * Accounts in SQL. That a name is free is decided by its unique index: nothing can come between looking and writing.
 */
export const accounts = ({ database, log, clock, accessTokenTtlMs }: Parts): Accounts => {
  const findBy = (column: 'email_key' | 'username_key' | 'public_id') => {
    const read = prepared(database.query, (query, { key }: { readonly key: string }) =>
      query
        .selectFrom('users')
        .select(['id', 'public_id', 'password_hash', 'epoch'])
        .where(column, '=', key)
        // One row of one size, whether or not there is an account: the time a refused login takes had told, by the
        // tenth of a millisecond that a row costs on its way here.
        .unionAll(nobody)
        // Written out, as in sessions.ts.
        .limit(sql.lit(1)),
    )
    return async (key: string): Promise<Account | undefined> => {
      const {
        rows: [row],
      } = await read({ key })
      if (row === undefined || row.id === '') return undefined
      return { id: row.id, publicId: row.public_id, passwordHash: row.password_hash, epoch: row.epoch }
    }
  }
  const findByUsername = findBy('username_key')

  return {
    create: async ({ id, publicId, username, email, passwordHash }) => {
      try {
        await log.recording(async (trx, record) => {
          const row = {
            id,
            public_id: publicId,
            username: username.shown,
            username_key: username.key,
            email: email.shown,
            email_key: email.key,
            password_hash: passwordHash,
            epoch: 0,
            created_at: clock.now(),
          }
          await trx.insertInto('users').values(row).execute()
          await record({ type: 'user.registered', user_id: publicId })
        })
        return 'created'
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        // Asked, not read from the error: where both are taken, which index complains is the database's whim.
        return (await findByUsername(username.key)) === undefined ? 'email-taken' : 'username-taken'
      }
    },

    findByEmail: findBy('email_key'),
    findByUsername,
    findByPublicId: findBy('public_id'),

    describe: async (publicId) => {
      const row = await database.query
        .selectFrom('users')
        .select(['username', 'email', 'created_at'])
        .where('public_id', '=', publicId)
        .executeTakeFirst()
      return row && { username: row.username, email: row.email, createdAt: row.created_at }
    },

    upgradeHash: async (id, from, to) => {
      await database.query
        .updateTable('users')
        .set({ password_hash: to })
        .where('id', '=', id)
        .where('password_hash', '=', from)
        .execute()
    },

    changePassword: ({ accountId, from, to, keptSessionId }) =>
      log.recording((trx, record) => {
        const password = { from, to }
        return raiseEpoch(trx, record, { accountId, keptSessionId, password, now: clock.now(), accessTokenTtlMs })
      }),

    delete: (id) =>
      log.recording(async (trx, record) => {
        const row = await trx.selectFrom('users').select('public_id').where('id', '=', id).executeTakeFirst()
        if (row === undefined) return false
        const last = await trx
          .selectFrom('sessions')
          .select(({ fn }) => fn.max('token_expires_at').as('at'))
          .where('user_id', '=', id)
          .executeTakeFirst()
        // Its sessions go with it: the foreign key cascades.
        const { numDeletedRows } = await trx.deleteFrom('users').where('id', '=', id).executeTakeFirst()
        if (numDeletedRows === 0n) return false
        await record({
          type: 'user.deleted',
          user_id: row.public_id,
          until: Math.max(last?.at ?? 0, clock.now() + accessTokenTtlMs),
        })
        return true
      }),
  }
}

/** A row for a key that nobody has. No account has an empty id. */
const nobody = sql<{
  readonly id: string
  readonly public_id: string
  readonly password_hash: string
  readonly epoch: number
}>`select '' as id, ${'-'.repeat(72)} as public_id, ${'-'.repeat(97)} as password_hash, 0 as epoch`
