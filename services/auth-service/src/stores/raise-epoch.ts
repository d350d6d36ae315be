import type { Transaction } from 'kysely'
import type { RecordEvent } from './event-log.ts'
import type { Tables } from './tables.ts'

type Raise = {
  readonly accountId: string
  readonly keptSessionId: string | undefined
  /** A new password hash, in the place of the one that was verified. */
  readonly password?: { readonly from: string; readonly to: string }
  readonly now: number
  /** How long an access token may live, in milliseconds: one may be issued beside this transaction. */
  readonly accessTokenTtlMs: number
}

/** A login that has verified the old password issues its token, which is born dead, within so many milliseconds. */
const loginMsMax = 60_000

/**
 * Ends all sessions of an account but the kept one, also those that a login under way is about to insert: they carry
 * the epoch that it read. Part of a transaction, with the event. False, with nothing written, when there is no such
 * account, its password is another by now, or the kept session does not live: of two sessions that end each other at
 * once the later one would be dead here and kept by every node that follows the log.
 */
export const raiseEpoch = async (
  trx: Transaction<Tables>,
  record: RecordEvent,
  { accountId, keptSessionId, password, now, accessTokenTtlMs }: Raise,
): Promise<boolean> => {
  let update = trx
    .updateTable('users')
    .set(({ eb }) => ({ epoch: eb('epoch', '+', 1) }))
    .where('id', '=', accountId)
  if (password !== undefined) {
    update = update.set({ password_hash: password.to }).where('password_hash', '=', password.from)
  }
  if (keptSessionId !== undefined) {
    update = update.where((eb) =>
      eb.exists(
        eb
          .selectFrom('sessions')
          .select('sessions.id')
          .where('sessions.id', '=', keptSessionId)
          .whereRef('sessions.user_id', '=', 'users.id')
          .where('sessions.ended_at', 'is', null)
          .where('sessions.expires_at', '>', now)
          // What a raise beside this one has ended may still look alive here; the row that we have locked tells.
          .whereRef('sessions.epoch', '>=', 'users.epoch'),
      ),
    )
  }
  const { numUpdatedRows } = await update.executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  const { epoch, public_id } = await trx
    .selectFrom('users')
    .select(['epoch', 'public_id'])
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow()
  const last = await trx
    .selectFrom('sessions')
    .select(({ fn }) => fn.max('token_expires_at').as('at'))
    .where('user_id', '=', accountId)
    .executeTakeFirst()
  if (keptSessionId !== undefined) {
    await trx
      .updateTable('sessions')
      .set({ epoch })
      .where('id', '=', keptSessionId)
      .where('user_id', '=', accountId)
      .execute()
  }
  await trx
    .updateTable('sessions')
    .set({ ended_at: now })
    .where('user_id', '=', accountId)
    .where('ended_at', 'is', null)
    .where('id', '!=', keptSessionId ?? '')
    .execute()
  await record({
    type: 'user.epoch-raised',
    user_id: public_id,
    epoch,
    ...(keptSessionId === undefined ? {} : { kept_session_id: keptSessionId }),
    until: Math.max(last?.at ?? 0, now + accessTokenTtlMs + loginMsMax),
  })
  return true
}
