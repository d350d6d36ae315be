import type { Migration } from '@gatehouse/sql/migrate.ts'

/** Finds the events that can be swept away, and passes over the deletions, which stay for good. */
export const eventsByEnd: Migration = {
  up: async (db) => {
    await db.schema.createIndex('events_type_until').on('events').columns(['type', 'until']).execute()
  },
}
