import type { Kysely } from 'kysely'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import { isDuplicateKey } from '@gatehouse/sql/failures.ts'
import type { Erasures } from '../ports.ts'
import { livingProfiles } from './living-profile.ts'
import type { Tables } from './tables.ts'

/** Erasures in SQL. What stays of a profile is the user's id and the time of the erasure, for ever. */
export const erasures = (database: Database<Tables>, clock: Clock): Erasures => {
  const changeOrMake = livingProfiles(database.query)
  return {
    cursor: async () => (await position(database.query)) ?? 0,

    erase: (userId, resume) =>
      database.transaction(async (trx) => {
        const now = clock.now()
        const empty = { bio: '', avatar: null, preferences: '{}', created_at: now, updated_at: now, erased_at: now }
        await changeOrMake(empty, { user_id: userId, ...empty }, trx)
        await moveForward(trx, resume)
      }),

    advance: (resume) => moveForward(database.query, resume),
  }
}

const name = 'account-events'

const position = async (query: Kysely<Tables>): Promise<number | undefined> =>
  (await query.selectFrom('feed_cursor').select('position').where('name', '=', name).executeTakeFirst())?.position

/**
 * The place never goes back: another replica may be further. Each statement decides and acts in one, the look before
 * them does not.
 */
const moveForward = async (query: Kysely<Tables>, resume: number): Promise<void> => {
  if ((await position(query)) === undefined && (await makeCursor(query, resume))) return
  await query
    .updateTable('feed_cursor')
    .set({ position: resume })
    .where('name', '=', name)
    .where('position', '<', resume)
    .execute()
}

const makeCursor = async (query: Kysely<Tables>, resume: number): Promise<boolean> => {
  try {
    await query.insertInto('feed_cursor').values({ name, position: resume }).execute()
    return true
  } catch (error) {
    if (isDuplicateKey(error)) return false
    throw error
  }
}
