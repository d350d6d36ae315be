import { authMigrations } from '@gatehouse/auth-service/migrations/migrations.ts'
import type { Tables as AuthTables } from '@gatehouse/auth-service/stores/tables.ts'
import { passwordHasher } from '@gatehouse/passwords/password-hasher.ts'
import { systemIds } from '@gatehouse/platform/clock.ts'
import { openDatabase, type Database } from '@gatehouse/sql/database.ts'
import { migrate } from '@gatehouse/sql/migrate.ts'
import { userMigrations } from '@gatehouse/user-service/migrations/migrations.ts'
import type { Tables as UserTables } from '@gatehouse/user-service/stores/tables.ts'
import { seededPeople, type SeededPeople, type SeedSize } from './seeded-people.ts'
import { writeAccounts } from './write-accounts.ts'
import { writeCursor, writeProfiles } from './write-profiles.ts'

/** What is to be filled, and with whom. */
export type Seed = SeedSize & {
  readonly authDatabaseUrl: string
  readonly userDatabaseUrl: string
  /** The `JWT_SECRET_KEY` of the services: under another one the seeded refresh tokens would be nobody's. */
  readonly secret: string
  /** So many of the sessions have been ended, so short a time ago that verifiers must remember it. */
  readonly revocations: number
  /** Everybody's. */
  readonly password: string
}

/**
 * Migrates both databases and fills them, in bulk, with rows as the services write them. Refuses to touch databases
 * that hold an account, a profile or an event.
 */
export const seedDatabases = async (seed: Seed): Promise<SeededPeople> => {
  const { authDatabaseUrl, userDatabaseUrl, revocations, password, at, secret } = seed
  const people = seededPeople(seed, secret)
  if (revocations > people.sessionCount) {
    throw new Error(`${revocations} sessions cannot be ended: there are ${people.sessionCount}`)
  }
  const auth = await openDatabase<AuthTables>(authDatabaseUrl, patient)
  const users = await openDatabase<UserTables>(userDatabaseUrl, patient)
  try {
    await migrate(auth, authMigrations)
    await migrate(users, userMigrations)
    await mustBeEmpty(auth, users)
    const passwordHash = await hashOf(password)
    const [last] = await Promise.all([
      writeAccounts(auth, { people, passwordHash, revocations, at }),
      writeProfiles(users, people),
    ])
    await writeCursor(users, last)
    return people
  } finally {
    await Promise.all([auth.close(), users.close()])
  }
}

/** A batch takes longer than a request may. One file for both services has one writer, and a long queue before it. */
const patient = { connectTimeoutMs: 60_000, queryTimeoutMs: 300_000, acquireTimeoutMs: 300_000, busyTimeoutMs: 300_000 }

const hashOf = (password: string): Promise<string> =>
  passwordHasher({ permits: 1, queueMax: 1, bytes: systemIds.bytes }).hash(password)

const mustBeEmpty = async (auth: Database<AuthTables>, users: Database<UserTables>): Promise<void> => {
  const found = [
    await auth.query.selectFrom('users').select('id').limit(1).execute(),
    await auth.query.selectFrom('events').select('seq').limit(1).execute(),
    await users.query.selectFrom('profiles').select('user_id').limit(1).execute(),
    await users.query.selectFrom('feed_cursor').select('name').limit(1).execute(),
  ]
  if (found.flat().length > 0) throw new Error('there are people in these databases: only empty ones are seeded')
}
