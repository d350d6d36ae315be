/**
 * Fills empty databases with people, so that a house can be measured as it will be years from now. It reads the
 * settings that the services read (`AUTH_DATABASE_URL`, `JWT_SECRET_KEY`, `DATA_DIR` …).
 *
 *     ./gatehouse node bench/seed.ts --users 1000000 [--sessions 3] [--revocations 0] [--password TEXT]
 */
import { parseArgs } from 'node:util'
import { databaseUrl } from '@gatehouse/platform/adapters.ts'
import { systemIds } from '@gatehouse/platform/clock.ts'
import { generatedSecret } from '@gatehouse/platform/generated-secret.ts'
import { readSettings } from '@gatehouse/platform/settings.ts'
import { countOption } from './src/count-option.ts'
import { seedDatabases } from './src/seed/seed-databases.ts'

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    sessions: { type: 'string', default: '3' },
    revocations: { type: 'string', default: '0' },
    password: { type: 'string', default: 'everybody-has-this-one' },
  },
})
const settings = readSettings(process.env, 'all')
const begun = performance.now()
const { userCount, sessionCount } = await seedDatabases({
  users: countOption('users', values.users),
  sessionsEach: countOption('sessions', values.sessions),
  revocations: countOption('revocations', values.revocations),
  password: values.password,
  at: Date.now(),
  authDatabaseUrl: databaseUrl(settings, 'auth-service'),
  userDatabaseUrl: databaseUrl(settings, 'user-service'),
  secret: settings.JWT_SECRET_KEY ?? generatedSecret(settings.DATA_DIR, systemIds.bytes),
})
const seconds = Math.round((performance.now() - begun) / 1_000)
process.stdout.write(
  `${userCount} people with ${sessionCount} sessions were seeded in ${seconds} s. The first and the last of them are ` +
    `person-0@seed.example and person-${userCount - 1}@seed.example; everybody's password is ${values.password}\n`,
)
