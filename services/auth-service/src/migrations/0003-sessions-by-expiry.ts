import type { Migration } from '@gatehouse/sql/migrate.ts'

/** Finds the sessions that can be swept away. */
export const sessionsByExpiry: Migration = {
  up: async (db) => {
    await db.schema.createIndex('sessions_expires_at').on('sessions').column('expires_at').execute()
  },
}
