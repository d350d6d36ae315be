import type { Migrations } from '@gatehouse/sql/migrate.ts'
import { users } from './0001-users.ts'
import { sessions } from './0002-sessions.ts'
import { sessionsByExpiry } from './0003-sessions-by-expiry.ts'
import { signingKeys } from './0004-signing-keys.ts'
import { events } from './0005-events.ts'
import { eventsByUntil } from './0006-events-by-until.ts'
import { loginAttempts } from './0007-login-attempts.ts'
import { loginAttemptsByAge } from './0008-login-attempts-by-age.ts'
import { sessionsByEnd } from './0009-sessions-by-end.ts'
import { eventsByEnd } from './0010-events-by-end.ts'

/** All of auth-service's migrations. Forward only; each is safe while the release before it still runs. */
export const authMigrations: Migrations = {
  owner: 'auth',
  migrations: {
    '0001-users': users,
    '0002-sessions': sessions,
    '0003-sessions-by-expiry': sessionsByExpiry,
    '0004-signing-keys': signingKeys,
    '0005-events': events,
    '0006-events-by-until': eventsByUntil,
    '0007-login-attempts': loginAttempts,
    '0008-login-attempts-by-age': loginAttemptsByAge,
    '0009-sessions-by-end': sessionsByEnd,
    '0010-events-by-end': eventsByEnd,
  },
}
