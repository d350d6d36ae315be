import type { Migration } from '@gatehouse/sql/migrate.ts'

/** Finds the counts that are old enough to forget. */
export const loginAttemptsByAge: Migration = {
  up: async (db) => {
    await db.schema.createIndex('login_attempts_updated_at').on('login_attempts').column('updated_at').execute()
  },
}
