import type { Insertable, Kysely, Updateable } from 'kysely'
import { isDuplicateKey } from '@gatehouse/sql/failures.ts'
import { prepared, type Prepared } from '@gatehouse/sql/prepared.ts'
import type { Tables } from './tables.ts'

type Row = Insertable<Tables['profiles']>
type Changes = Omit<Updateable<Tables['profiles']>, 'user_id'>

/**
 * Changes the row of a user that is not erased, or makes one that looks like `made`, with the same changes; false when
 * it is erased. Each
 * statement decides and acts in one, so nothing can come between, and an erased row is met by none of them: it cannot
 * come back to life in any order. The affected rows are those that were met, also where nothing changed: mysql2 asks
 * for that (FOUND_ROWS), SQLite knows no other.
 */
export type ChangeOrMake = (changes: Changes, made: Row, on?: Kysely<Tables>) => Promise<boolean>

/** Prepares it. */
export const livingProfiles = (query: Kysely<Tables>): ChangeOrMake => {
  // One for each choice of members that a write may change: no more than there are.
  const updates = new Map<string, Prepared<Tables, Row, unknown>>()
  const updateOf = (changes: Changes): Prepared<Tables, Row, unknown> => {
    const names = Object.keys(changes)
    const known = updates.get(names.join())
    if (known !== undefined) return known
    const update = prepared(query, (query, row: Row) =>
      query
        .updateTable('profiles')
        // The members of `changes`, by the same names.
        .set(Object.fromEntries(names.map((name) => [name, row[name as keyof Row]])))
        .where('user_id', '=', row.user_id)
        .where('erased_at', 'is', null),
    )
    updates.set(names.join(), update)
    return update
  }

  return async (changes, made, on = query) => {
    const update = updateOf(changes)
    const change = async (): Promise<boolean> => ((await update(made, on)).numAffectedRows ?? 0n) > 0n
    if (await change()) return true
    if (await make(on, made)) return true
    // A row is there: either it has just been made by somebody else, and can be changed, or it is erased.
    return change()
  }
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
