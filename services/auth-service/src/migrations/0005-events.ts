import type { Migration } from '@gatehouse/sql/migrate.ts'

/** The event log. `seq` is never given out twice, not even after rows are removed: followers keep it as their place. */
export const events: Migration = {
  up: async (db, { compareByBytes, sequence, sequenceType }) => {
    await db.schema
      .createTable('events')
      .ifNotExists()
      .addColumn('seq', sequenceType, sequence)
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('type', 'varchar(32)', (column) => column.notNull())
      .addColumn('user_id', 'varchar(36)', (column) => column.notNull())
      .addColumn('session_id', 'varchar(36)')
      .addColumn('epoch', 'integer')
      .addColumn('kept_session_id', 'varchar(36)')
      .addColumn('until', 'bigint')
      .$call(compareByBytes)
      .execute()
  },
}
