import type { Migration } from '@gatehouse/sql/migrate.ts'

/** How far the account events have taken effect here. */
export const feedCursor: Migration = {
  up: async (db, { compareByBytes }) => {
    await db.schema
      .createTable('feed_cursor')
      .ifNotExists()
      .addColumn('name', 'varchar(40)', (column) => column.primaryKey())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .$call(compareByBytes)
      .execute()
  },
}
