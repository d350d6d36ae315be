import { sql } from 'kysely'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import { isForeignKeyMissing } from '@gatehouse/sql/failures.ts'
import { prepared } from '@gatehouse/sql/prepared.ts'
import type { Sessions } from '../ports.ts'
import type { RecordingLog } from './event-log.ts'
import { raiseEpoch } from './raise-epoch.ts'
import { rotateSession } from './rotate-session.ts'
import type { Tables } from './tables.ts'

type Parts = {
  readonly database: Database<Tables>
  readonly log: RecordingLog
  readonly clock: Clock
  /** How long an access token may live, in milliseconds. */
  readonly accessTokenTtlMs: number
}

/** Sessions in SQL, the only truth about them. */
export const sessions = ({ database, log, clock, accessTokenTtlMs }: Parts): Sessions => {
  const { query } = database
  const insert = prepared(query, (query, row: NewRow) =>
    query.insertInto('sessions').values({
      id: row.id,
      user_id: row.user_id,
      created_at: row.created_at,
      last_seen_at: row.last_seen_at,
      expires_at: row.expires_at,
      token_expires_at: row.token_expires_at,
      ended_at: null,
      epoch: row.epoch,
      refresh_hash: row.refresh_hash,
      parent_hash: null,
      rotated_at: null,
      sealed_successor: null,
      address: row.address,
      user_agent: row.user_agent,
    }),
  )
  const readStanding = database.pointReads({
    rows: (query, ids) =>
      query
        .selectFrom('sessions')
        .innerJoin('users', 'users.id', 'sessions.user_id')
        .select(['sessions.id as session_id', 'users.id', 'users.public_id', 'users.epoch'])
        .select(['sessions.epoch as session_epoch', 'sessions.ended_at', 'sessions.expires_at'])
        .select('sessions.last_seen_at')
        .where('sessions.id', 'in', ids),
    keyOf: ({ session_id }) => session_id,
  })
  const isKnown = prepared(query, (query, known: Known) =>
    query
      .selectFrom('sessions')
      .select(sql<number>`1`.as('known'))
      .where('user_id', '=', known.accountId)
      .where('address', '=', known.address)
      .where('ended_at', 'is', null)
      .where('expires_at', '>', known.now)
      // Looked up for a session that was found and not before: an account without one must cost what none costs.
      .where('epoch', '>=', (eb) =>
        eb.selectFrom('users').select('users.epoch').whereRef('users.id', '=', 'sessions.user_id'),
      )
      // Written out: SQLite prepares a statement anew for each bound limit, to plan by it.
      .limit(sql.lit(1)),
  )
  const readToEnd = prepared(query, (query, { id }: { readonly id: string }) =>
    query
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select(['users.public_id', 'users.epoch', 'sessions.epoch as session_epoch', 'sessions.token_expires_at'])
      .where('sessions.id', '=', id),
  )
  const endLiving = prepared(query, (query, { id, now }: { readonly id: string; readonly now: number }) =>
    query
      .updateTable('sessions')
      .set({ ended_at: now })
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now),
  )
  return {
    start: async ({ id, accountId, address, userAgent, expiresAt, tokenExpiresAt, epoch, refreshHash }) => {
      const now = clock.now()
      const row = {
        id,
        user_id: accountId,
        created_at: now,
        last_seen_at: now,
        expires_at: expiresAt,
        token_expires_at: tokenExpiresAt,
        epoch,
        refresh_hash: refreshHash,
        address,
        user_agent: userAgent ?? null,
      }
      try {
        await insert(row)
        return true
      } catch (error) {
        if (isForeignKeyMissing(error)) return false
        throw error
      }
    },

    standing: async (id) => {
      const row = await readStanding(id)
      return (
        row && {
          accountId: row.id,
          publicId: row.public_id,
          epoch: row.epoch,
          ended: row.ended_at !== null || row.session_epoch < row.epoch,
          expiresAt: row.expires_at,
          lastSeenAt: row.last_seen_at,
        }
      )
    },

    rotate: rotateSession({ database, clock, accessTokenTtlMs }),

    listLiving: async (publicId, limit) => {
      const rows = await database.query
        .selectFrom('users')
        .innerJoin('sessions', 'sessions.user_id', 'users.id')
        .select(['sessions.id', 'sessions.created_at', 'sessions.last_seen_at', 'sessions.expires_at'])
        .select(['sessions.address', 'sessions.user_agent'])
        .where('users.public_id', '=', publicId)
        .where('sessions.ended_at', 'is', null)
        .where('sessions.expires_at', '>', clock.now())
        .whereRef('sessions.epoch', '>=', 'users.epoch')
        // Ids are UUIDv7: they sort by the time of their making.
        .orderBy('sessions.id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(({ id, created_at, last_seen_at, expires_at, address, user_agent }) => ({
        id,
        createdAt: created_at,
        lastSeenAt: last_seen_at,
        expiresAt: expires_at,
        address,
        userAgent: user_agent ?? undefined,
      }))
    },

    knowsAddress: async (accountId, address) => {
      const { rows } = await isKnown({ accountId, address, now: clock.now() })
      return rows.length > 0
    },

    seen: async (id) => {
      const now = clock.now()
      // Never back: replicas' clocks differ.
      await database.query
        .updateTable('sessions')
        .set({ last_seen_at: now })
        .where('id', '=', id)
        .where('last_seen_at', '<', now)
        .execute()
    },

    end: (id, publicId) =>
      log.recording(async (trx, record) => {
        const {
          rows: [row],
        } = await readToEnd({ id }, trx)
        if (row === undefined || (publicId !== undefined && row.public_id !== publicId)) return false
        // Ended with all the others already, by a raised epoch.
        if (row.session_epoch < row.epoch) return false
        const now = clock.now()
        const { numAffectedRows = 0n } = await endLiving({ id, now }, trx)
        if (numAffectedRows === 0n) return false
        // A refresh beside this transaction may have issued a later token since the row was read.
        const until = Math.max(row.token_expires_at, now + accessTokenTtlMs)
        await record({ type: 'session.ended', user_id: row.public_id, session_id: id, until })
        return true
      }),

    endAll: (publicId, keptSessionId) =>
      log.recording(async (trx, record) => {
        const row = await trx.selectFrom('users').select('id').where('public_id', '=', publicId).executeTakeFirst()
        if (row === undefined) return false
        return raiseEpoch(trx, record, { accountId: row.id, keptSessionId, now: clock.now(), accessTokenTtlMs })
      }),
  }
}

type NewRow = Omit<Tables['sessions'], 'ended_at' | 'parent_hash' | 'rotated_at' | 'sealed_successor'>
type Known = { readonly accountId: string; readonly address: string; readonly now: number }
