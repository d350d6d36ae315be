import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import type { Database } from './database.ts'
import { portableColumns, type PortableColumns } from './portable-columns.ts'

/**
 * One step forward; there is none back. The previous release must be able to work on what it leaves.
 *
 * SQLite does all pending steps in one transaction. MySQL commits after every statement that changes a table, so a
 * step that dies half-way stays half done: give each step one such statement, or statements that can be repeated.
 */
export type Migration = {
  readonly up: (db: Kysely<unknown>, portable: PortableColumns) => Promise<void>
}

/** The steps of a service, by name; they are taken in the alphabetical order of the names. */
export type Migrations = {
  /** Whose they are: two services may share one database, each keeps its own record in it. */
  readonly owner: string
  readonly migrations: Readonly<Record<string, Migration>>
}

/**
 * Brings a database up to date and returns the names of the steps taken. Safe when several processes do so at once:
 * one does the work, the others wait and find it done. A database that is ahead of this release is left as it is.
 */
export const migrate = async <Tables>(database: Database<Tables>, plan: Migrations): Promise<readonly string[]> => {
  if ((await pendingMigrations(database, plan)).length === 0) return []
  const { error, results = [] } = await migrator(database, plan).migrateToLatest()
  if (error === undefined) return results.map(({ migrationName }) => migrationName)
  if (error instanceof Refusal) throw error
  const failed = results.find(({ status }) => status === 'Error')
  const where = failed === undefined ? '' : ` at ${failed.migrationName}`
  throw new Error(`the migration of ${plan.owner} failed${where}: ${reason(error)}`, { cause: error })
}

/** The names of the steps that this database has not taken yet. Changes nothing. */
export const pendingMigrations = async <Tables>(
  database: Database<Tables>,
  plan: Migrations,
): Promise<readonly string[]> => {
  const migrations = await migrator(database, plan).getMigrations()
  return migrations.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name)
}

const migrator = <Tables>({ dialect, maintenance }: Database<Tables>, { owner, migrations }: Migrations): Migrator => {
  if (!/^[a-z]\w{0,30}$/.test(owner)) throw new Error(`${owner} cannot be part of a table's name`)
  const portable = portableColumns(dialect)
  const steps = Object.entries(migrations).map(
    ([name, { up }]) => [name, { up: (db: Kysely<unknown>) => up(db, portable) }] as const,
  )
  return new Migrator({
    db: maintenance,
    provider: { getMigrations: async () => Object.fromEntries(steps) },
    migrationTableName: `${owner}_migration`,
    migrationLockTableName: `${owner}_migration_lock`,
  })
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))
