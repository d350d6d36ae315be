import { authMigrations } from '@gatehouse/auth-service/migrations/migrations.ts'
import { openLog } from '@gatehouse/observe/log.ts'
import { openDatabase } from '@gatehouse/sql/database.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import { migrate, pendingMigrations, type Migrations } from '@gatehouse/sql/migrate.ts'
import { userMigrations } from '@gatehouse/user-service/migrations/migrations.ts'
import { databaseUrl } from './adapters.ts'
import { systemClock } from './clock.ts'
import { logFormatOf, type Settings } from './settings.ts'
import { runs, type Target } from './targets.ts'

/** The services that keep data, and how their databases came to be. */
export const migrationPlans = {
  'auth-service': authMigrations,
  'user-service': userMigrations,
} as const satisfies Readonly<Record<string, Migrations>>

/** Brings the databases of this target up to date. Safe to run again, and by several at once. */
export const migrateAll = async (settings: Settings, target: Target): Promise<void> => {
  const log = openLog({ level: settings.LOG_LEVEL, format: logFormatOf(settings), secrets: [], clock: systemClock })
  for (const service of ['auth-service', 'user-service'] as const) {
    if (!runs(target, service)) continue
    const database = await openDatabase<unknown>(databaseUrl(settings, service))
    try {
      const done = await migrate(database, migrationPlans[service])
      log.info({ service, migrations: done }, done.length === 0 ? 'database is up to date' : 'database migrated')
    } finally {
      await database.close()
    }
  }
}

/**
 * At the start of a service: SQLite is brought up to date, MySQL must be, because other processes may be running on it.
 */
export const migrateOrRefuse = async <Tables>(
  database: Database<Tables>,
  service: keyof typeof migrationPlans,
): Promise<void> => {
  const plan = migrationPlans[service]
  if (database.dialect === 'sqlite') {
    await migrate(database, plan)
    return
  }
  const pending = await pendingMigrations(database, plan)
  if (pending.length > 0) {
    throw new Error(
      `The database of ${service} is behind by ${pending.join(', ')}. Run: ./gatehouse migrate --target=${service}`,
    )
  }
}
