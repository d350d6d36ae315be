import type { Migration } from '@gatehouse/sql/migrate.ts'

/** Finds the ended sessions that can be swept away. */
export const sessionsByEnd: Migration = {
  up: async (db) => {
    await db.schema.createIndex('sessions_ended_at').on('sessions').column('ended_at').execute()
  },
}
