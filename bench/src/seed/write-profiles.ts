import type { Database } from '@gatehouse/sql/database.ts'
import type { Tables } from '@gatehouse/user-service/stores/tables.ts'
import { inBatches } from './in-batches.ts'
import type { SeededPeople } from './seeded-people.ts'

/** Fills user-service's profiles: one for everybody. */
export const writeProfiles = async (database: Database<Tables>, people: SeededPeople): Promise<void> => {
  // In the order of their key, which is random: otherwise every row would go to another page of the table.
  const all = Array.from({ length: people.userCount }, (_, index) => people.person(index).publicId).toSorted()
  await inBatches(database, all.length, (trx, from, to) =>
    trx.insertInto('profiles').values(all.slice(from, to).map((userId) => profileRow(userId, people.at))),
  )
}

/** The place in the event log from which user-service goes on: nothing before it has an effect on a profile. */
export const writeCursor = async (database: Database<Tables>, position: number): Promise<void> => {
  await database.query.insertInto('feed_cursor').values({ name: 'account-events', position }).execute()
}

const profileRow = (userId: string, at: number): Tables['profiles'] => ({
  user_id: userId,
  bio: `Somebody who was seeded, and who is known as ${userId.slice(0, 8)} to those who look.`,
  avatar: `https://images.example/${userId}.png`,
  preferences: '{"theme":"dark","language":"en","notifications":{"mail":true,"push":false}}',
  created_at: at,
  updated_at: at,
  erased_at: null,
})
