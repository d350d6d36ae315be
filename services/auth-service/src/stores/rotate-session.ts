import { sql } from 'kysely'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import { prepared } from '@gatehouse/sql/prepared.ts'
import type { Rotation, RotationRequest, Sessions } from '../ports.ts'
import type { Tables } from './tables.ts'

type Parts = { readonly database: Database<Tables>; readonly clock: Clock; readonly accessTokenTtlMs: number }

/** So long may the direct parent of a refresh token be sent again: many tabs, lost answers. */
export const graceMs = 10_000

/** Moves a session on to its next refresh token. One row, one UPDATE, no transaction: whoever changes it has won. */
export const rotateSession = ({ database, clock, accessTokenTtlMs }: Parts): Sessions['rotate'] => {
  const moveOn = prepared(database.query, (query, to: Move) =>
    query
      .updateTable('sessions')
      .set({
        refresh_hash: to.to,
        parent_hash: to.from,
        rotated_at: to.now,
        sealed_successor: to.sealedSuccessor,
        // Never back: a token from when they lived longer must stay as dead as its session, and for as long.
        token_expires_at: sql<number>`case
          when token_expires_at > ${to.tokenExpiresAt} then token_expires_at else ${to.tokenExpiresAt} end`,
        last_seen_at: to.now,
        address: to.address,
      })
      .where('id', '=', to.sessionId)
      .where('refresh_hash', '=', to.from)
      .where('ended_at', 'is', null)
      .where('expires_at', '>', to.now)
      .where('epoch', '>=', (eb) =>
        eb.selectFrom('users').select('users.epoch').whereRef('users.id', '=', 'sessions.user_id'),
      ),
  )
  const read = prepared(database.query, (query, { sessionId }: Pick<Move, 'sessionId'>) =>
    query
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select(['users.public_id', 'users.epoch', 'sessions.epoch as session_epoch', 'sessions.ended_at'])
      .select(['sessions.expires_at', 'sessions.token_expires_at'])
      .select(['sessions.parent_hash', 'sessions.rotated_at', 'sessions.sealed_successor'])
      .where('sessions.id', '=', sessionId),
  )

  return async (request): Promise<Rotation> => {
    const { sessionId, from } = request
    const now = clock.now()
    const { numAffectedRows = 0n } = await moveOn({ ...request, now, tokenExpiresAt: now + accessTokenTtlMs })
    const {
      rows: [row],
    } = await read({ sessionId })
    // Ended between the two statements, or before: the refresh token dies with its session either way.
    if (row === undefined || row.ended_at !== null || row.expires_at <= now || row.session_epoch < row.epoch) {
      return { outcome: 'dead' }
    }
    const session = {
      id: sessionId,
      publicId: row.public_id,
      epoch: row.epoch,
      // Verifiers remember the session's end for as long as `token_expires_at` says: no token may outlive that.
      expiresAt: Math.min(row.expires_at, row.token_expires_at),
    }
    if (numAffectedRows > 0n) return { outcome: 'rotated', session }
    const isInGrace = row.rotated_at !== null && now - row.rotated_at <= graceMs
    return row.parent_hash === from && isInGrace && row.sealed_successor !== null
      ? { outcome: 'repeated', session, sealedSuccessor: row.sealed_successor }
      : { outcome: 'reused' }
  }
}

type Move = RotationRequest & { readonly now: number; readonly tokenExpiresAt: number }
