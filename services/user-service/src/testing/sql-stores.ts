import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase, type Database } from '@gatehouse/sql/database.ts'
import { migrate } from '@gatehouse/sql/migrate.ts'
import { movableClock, type MovableClock } from '@gatehouse/testing/movable-clock.ts'
import { freshMysqlDatabase } from '@gatehouse/testing/mysql.ts'
import { userMigrations } from '../migrations/migrations.ts'
import type { Erasures, Profiles } from '../ports.ts'
import { erasures } from '../stores/erasures.ts'
import { profiles } from '../stores/profiles.ts'
import type { Tables } from '../stores/tables.ts'

/** One replica's view of the stores. */
export type Stores = { readonly profiles: Profiles; readonly erasures: Erasures }

/** A migrated database, seen by two replicas. */
export type SqlStores = {
  readonly first: Stores
  readonly second: Stores
  readonly database: Database<Tables>
  readonly clock: MovableClock
  readonly close: () => Promise<void>
}

/** Where each dialect finds an empty database. */
export const emptyDatabases = {
  sqlite: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-users-'))
    return { url: `sqlite:///${folder}/users.db`, drop: () => rm(folder, { recursive: true }) }
  },
  mysql: freshMysqlDatabase,
}

/**
 * Opens an empty database twice, as two processes would. The clock stands still, so that a write may change nothing at
 * all.
 */
export const openSqlStores = async (dialect: keyof typeof emptyDatabases): Promise<SqlStores> => {
  const place = await emptyDatabases[dialect]()
  const database = await openDatabase<Tables>(place.url)
  await migrate(database, userMigrations)
  const other = await openDatabase<Tables>(place.url)
  const clock = movableClock()
  const storesOn = (handle: Database<Tables>): Stores => ({
    profiles: profiles(handle, clock),
    erasures: erasures(handle, clock),
  })
  return {
    first: storesOn(database),
    second: storesOn(other),
    database,
    clock,
    close: async () => {
      await other.close()
      await database.close()
      await place.drop()
    },
  }
}
