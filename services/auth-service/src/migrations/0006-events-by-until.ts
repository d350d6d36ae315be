import type { Migration } from '@gatehouse/sql/migrate.ts'

/** Finds the events that are still in force, and those that no longer are. */
export const eventsByUntil: Migration = {
  up: async (db) => {
    await db.schema.createIndex('events_until').on('events').column('until').execute()
  },
}
