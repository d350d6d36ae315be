import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import { isForeignKeyMissing } from '@gatehouse/sql/failures.ts'
import type { Sessions } from '../ports.ts'
import type { RecordingLog } from './event-log.ts'
import type { Tables } from './tables.ts'

type Parts = {
  readonly database: Database<Tables>
  readonly log: RecordingLog
  readonly clock: Clock
}

/** Sessions in SQL, the only truth about them. */
export const sessions = ({ database, log, clock }: Parts): Sessions => ({
  start: async ({ id, accountId, address, userAgent, expiresAt, tokenExpiresAt }) => {
    const now = clock.now()
    const row = {
      id,
      user_id: accountId,
      created_at: now,
      last_seen_at: now,
      expires_at: expiresAt,
      token_expires_at: tokenExpiresAt,
      ended_at: null,
      address,
      user_agent: userAgent ?? null,
    }
    try {
      await database.query.insertInto('sessions').values(row).execute()
      return true
    } catch (error) {
      if (isForeignKeyMissing(error)) return false
      throw error
    }
  },

  standing: async (id) => {
    const row = await database.query
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select(['users.id', 'users.public_id', 'users.epoch', 'sessions.ended_at', 'sessions.expires_at'])
      .where('sessions.id', '=', id)
      .executeTakeFirst()
    return (
      row && {
        accountId: row.id,
        publicId: row.public_id,
        epoch: row.epoch,
        ended: row.ended_at !== null,
        expiresAt: row.expires_at,
      }
    )
  },

  end: (id) =>
    log.recording(async (trx, record) => {
      const { numUpdatedRows } = await trx
        .updateTable('sessions')
        .set({ ended_at: clock.now() })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return false
      const row = await trx
        .selectFrom('sessions')
        .innerJoin('users', 'users.id', 'sessions.user_id')
        .select(['users.public_id', 'sessions.token_expires_at'])
        .where('sessions.id', '=', id)
        .executeTakeFirstOrThrow()
      await record({ type: 'session.ended', user_id: row.public_id, session_id: id, until: row.token_expires_at })
      return true
    }),
})
