import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import type { Profile, Profiles } from '../ports.ts'
import { livingProfiles } from './living-profile.ts'
import type { Tables } from './tables.ts'

/** Profiles in SQL, on SQLite and MySQL alike. */
export const profiles = (database: Database<Tables>, clock: Clock): Profiles => {
  const read = database.pointReads({
    rows: (query, userIds) =>
      query
        .selectFrom('profiles')
        .select(['user_id', 'bio', 'avatar', 'preferences'])
        .where('user_id', 'in', userIds)
        .where('erased_at', 'is', null),
    keyOf: ({ user_id }) => user_id,
  })
  const changeOrMake = livingProfiles(database.query)
  return {
    find: async (userId) => {
      const row = await read(userId)
      return row && { bio: row.bio, avatar: row.avatar, preferences: preferencesOf(row.preferences) }
    },

    write: async (userId, changes) => {
      const now = clock.now()
      const changed = { ...columnsOf(changes), updated_at: now }
      const made = {
        user_id: userId,
        bio: '',
        avatar: null,
        preferences: '{}',
        created_at: now,
        erased_at: null,
        ...changed,
      }
      return (await changeOrMake(changed, made)) ? 'written' : 'erased'
    },
  }
}

const columnsOf = ({ bio, avatar, preferences }: Partial<Profile>) => ({
  ...(bio === undefined ? {} : { bio }),
  ...(avatar === undefined ? {} : { avatar }),
  ...(preferences === undefined ? {} : { preferences: JSON.stringify(preferences) }),
})

// Only `columnsOf` writes the column, and it writes objects.
const preferencesOf = (json: string): Profile['preferences'] => JSON.parse(json) as Profile['preferences']
