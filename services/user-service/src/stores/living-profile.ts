import type { Insertable, Kysely, Updateable } from 'kysely'
import { isDuplicateKey } from '@gatehouse/sql/failures.ts'
import type { Tables } from './tables.ts'

type Row = Insertable<Tables['profiles']>

/**
 * Changes the row of a user that is not erased, or makes one that looks like `made`; false when it is erased. Each
 * statement decides and acts in one, so nothing can come between, and an erased row is met by none of them: it cannot
 * come back to life in any order. The affected rows are those that were met, also where nothing changed: mysql2 asks
 * for that (FOUND_ROWS), SQLite knows no other.
 */
export const changeOrMake = async (
  query: Kysely<Tables>,
  changes: Omit<Updateable<Tables['profiles']>, 'user_id'>,
  made: Row,
): Promise<boolean> => {
  const change = async (): Promise<boolean> => {
    const { numUpdatedRows } = await query
      .updateTable('profiles')
      .set(changes)
      .where('user_id', '=', made.user_id)
      .where('erased_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }
  if (await change()) return true
  if (await make(query, made)) return true
  // A row is there: either it has just been made by somebody else, and can be changed, or it is erased.
  return change()
}

const make = async (query: Kysely<Tables>, row: Row): Promise<boolean> => {
  try {
    await query.insertInto('profiles').values(row).execute()
    return true
  } catch (error) {
    if (isDuplicateKey(error)) return false
    throw error
  }
}
