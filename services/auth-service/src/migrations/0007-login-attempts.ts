import type { Migration } from '@gatehouse/sql/migrate.ts'

/**
 * Wrong passwords, counted by bucket: see attempts.ts. The bucket's name is hashed, for it may hold what a stranger
 * typed.
 */
export const loginAttempts: Migration = {
  up: async (db, { compareByBytes }) => {
    await db.schema
      .createTable('login_attempts')
      .ifNotExists()
      .addColumn('bucket', 'varchar(43)', (column) => column.primaryKey())
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('next_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .$call(compareByBytes)
      .execute()
  },
}
