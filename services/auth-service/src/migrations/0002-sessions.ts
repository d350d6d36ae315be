import type { Migration } from '@gatehouse/sql/migrate.ts'

/** Sessions; they go with their user. */
export const sessions: Migration = {
  up: async (db, { compareByBytes, dialect }) => {
    await db.schema
      .createTable('sessions')
      .ifNotExists()
      .addColumn('id', 'varchar(36)', (column) => column.primaryKey())
      .addColumn('user_id', 'varchar(36)', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('token_expires_at', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('epoch', 'integer', (column) => column.notNull())
      .addColumn('refresh_hash', 'varchar(43)', (column) => column.notNull())
      .addColumn('parent_hash', 'varchar(43)')
      .addColumn('rotated_at', 'bigint')
      .addColumn('sealed_successor', 'varchar(255)')
      .addColumn('address', 'varchar(45)', (column) => column.notNull())
      .addColumn('user_agent', 'varchar(255)')
      .addForeignKeyConstraint('sessions_user_id', ['user_id'], 'users', ['id'], (key) => key.onDelete('cascade'))
      .$call(compareByBytes)
      .execute()
    // MySQL makes this index by itself, for the foreign key.
    if (dialect === 'sqlite') await db.schema.createIndex('sessions_user_id').on('sessions').column('user_id').execute()
  },
}
