import type { Migration } from '@gatehouse/sql/migrate.ts'

/**
 * Signing keys, the private half sealed. `place` is unique, so there is one current key and one next; null may repeat.
 */
export const signingKeys: Migration = {
  up: async (db, { compareByBytes }) => {
    await db.schema
      .createTable('signing_keys')
      .ifNotExists()
      .addColumn('kid', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('place', 'varchar(16)')
      .addColumn('public_jwk', 'text', (column) => column.notNull())
      .addColumn('sealed_private_key', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('activated_at', 'bigint')
      .addColumn('retired_at', 'bigint')
      .addUniqueConstraint('signing_keys_place', ['place'])
      .$call(compareByBytes)
      .execute()
  },
}
