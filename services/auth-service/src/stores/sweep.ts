import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import { attemptLimits } from './attempt-log.ts'
import type { Tables } from './tables.ts'

type Parts = { readonly database: Database<Tables>; readonly clock: Clock; readonly accessTokenTtlMs: number }

/** Rows removed in one statement: short enough that nobody waits for it. */
export const sweepRowsMax = 500

/** So long past its `until` an event is kept, for followers whose clocks are behind. */
const eventGraceMs = 3_600_000

/**
 * So much longer than its last token could live a retired key is kept: other replicas sign with it until they have read
 * the keys again, and their clocks may be ahead.
 */
export const keyGraceMs = 3_600_000

/**
 * Removes some of what is over: sessions that have expired, or ended so long ago that none of their tokens is valid;
 * events that matter to no token; forgotten guesses; retired keys. Answers how many rows: as long as there are any,
 * there may be more. `user.deleted` stays for good, for a follower that was away.
 */
export const sweepOnce = async ({ database, clock, accessTokenTtlMs }: Parts): Promise<number> => {
  const now = clock.now()
  const { query } = database
  const expired = await query
    .selectFrom('sessions')
    .select('id')
    .where('expires_at', '<', now)
    .limit(sweepRowsMax)
    .execute()
  const ended = await query
    .selectFrom('sessions')
    .select('id')
    .where('ended_at', '<', now - accessTokenTtlMs)
    .limit(sweepRowsMax)
    .execute()
  const events = await query
    .selectFrom('events')
    .select('seq')
    .where('until', '<', now - eventGraceMs)
    .where('type', 'in', ['session.ended', 'user.epoch-raised'])
    .limit(sweepRowsMax)
    .execute()
  const guesses = await query
    .selectFrom('login_attempts')
    .select('bucket')
    .where('updated_at', '<', now - attemptLimits.forgottenAfterMs)
    .limit(sweepRowsMax)
    .execute()
  const sessionIds = [...expired, ...ended].map(({ id }) => id)
  const seqs = events.map(({ seq }) => seq)
  const buckets = guesses.map(({ bucket }) => bucket)
  if (sessionIds.length > 0) await query.deleteFrom('sessions').where('id', 'in', sessionIds).execute()
  if (seqs.length > 0) await query.deleteFrom('events').where('seq', 'in', seqs).execute()
  // Counted again since: then it is not forgotten.
  if (buckets.length > 0) {
    await query
      .deleteFrom('login_attempts')
      .where('bucket', 'in', buckets)
      .where('updated_at', '<', now - attemptLimits.forgottenAfterMs)
      .execute()
  }
  await query
    .deleteFrom('signing_keys')
    .where('retired_at', '<', now - accessTokenTtlMs - keyGraceMs)
    .execute()
  return sessionIds.length + seqs.length + buckets.length
}
