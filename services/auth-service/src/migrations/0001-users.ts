import type { Migration } from '@gatehouse/sql/migrate.ts'

/** Accounts. Names are shown as typed and compared by their `_key` columns, byte by byte: see normal-form.ts. */
export const users: Migration = {
  up: async (db, { compareByBytes }) => {
    await db.schema
      .createTable('users')
      .ifNotExists()
      .addColumn('id', 'varchar(36)', (column) => column.primaryKey())
      .addColumn('public_id', 'varchar(36)', (column) => column.notNull())
      .addColumn('username', 'varchar(80)', (column) => column.notNull())
      // Folding can lengthen a name: ß becomes ss, and composed letters may come apart.
      .addColumn('username_key', 'varchar(240)', (column) => column.notNull())
      .addColumn('email', 'varchar(120)', (column) => column.notNull())
      .addColumn('email_key', 'varchar(360)', (column) => column.notNull())
      .addColumn('password_hash', 'varchar(255)', (column) => column.notNull())
      .addColumn('epoch', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('users_public_id', ['public_id'])
      .addUniqueConstraint('users_username_key', ['username_key'])
      .addUniqueConstraint('users_email_key', ['email_key'])
      .$call(compareByBytes)
      .execute()
  },
}
