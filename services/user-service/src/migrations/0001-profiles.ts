import type { Migration } from '@gatehouse/sql/migrate.ts'

/** Profiles. Ids compare byte by byte; `bio` and `preferences` hold the contract's limits in four-byte characters. */
export const profiles: Migration = {
  up: async (db, { compareByBytes }) => {
    await db.schema
      .createTable('profiles')
      .ifNotExists()
      .addColumn('user_id', 'varchar(36)', (column) => column.primaryKey())
      .addColumn('bio', 'text', (column) => column.notNull())
      .addColumn('avatar', 'varchar(2048)')
      .addColumn('preferences', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('erased_at', 'bigint')
      .$call(compareByBytes)
      .execute()
  },
}
