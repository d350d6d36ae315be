import { timingSafeEqual, createHash } from 'node:crypto'
import { bearerToken } from '@gatehouse/access-tokens/bearer-credentials.ts'
import { authOperations, type Auth } from '@gatehouse/contract/auth.ts'
import { openApi } from '@gatehouse/contract/openapi.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { application, type Application, type Serving } from '@gatehouse/http/application.ts'
import { changePassword } from './change-password.ts'
import { deleteAccount } from './delete-account.ts'
import { endSession } from './end-session.ts'
import { endSessions } from './end-sessions.ts'
import { followEvents } from './follow-events.ts'
import { getAccount } from './get-account.ts'
import { getHealth } from './get-health.ts'
import { getJwks } from './get-jwks.ts'
import { listSessions } from './list-sessions.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import type { Ports } from './ports.ts'
import { refresh } from './refresh.ts'
import { register } from './register.ts'
import { validate } from './validate.ts'

/** All that auth-service does, a file each. */
const handlers = (ports: Ports): Auth => ({
  health: getHealth(ports),
  register: register(ports),
  login: login(ports),
  refresh: refresh(ports),
  validate: validate(),
  logout: logout(ports),
  listSessions: listSessions(ports),
  endSession: endSession(ports),
  endSessions: endSessions(ports),
  changePassword: changePassword(ports),
  getAccount: getAccount(ports),
  deleteAccount: deleteAccount(ports),
  jwks: getJwks(ports),
  events: followEvents(ports),
})

/** The service, ready to be listened to or called in process. */
export const authService = (ports: Ports, serving: Serving): Promise<Application> =>
  application({
    ...serving,
    operations: authOperations,
    handlers: handlers(ports),
    guards: {
      bearer: ports.accessTokens.authenticate,
      internal: internalGuard(ports.internalSecret),
    },
    document: openApi('auth-service', serving.version, authOperations),
    documentPaths: ['/openapi.json', '/auth/openapi.json'],
  })

/**
 * Lets in who knows `INTERNAL_SECRET`. Without one nobody is let in: then all is one process and the feed a function
 * call.
 */
const internalGuard = (secret: string | undefined) => {
  const expected = secret === undefined ? undefined : digest(secret)
  return (rawHeaders: readonly string[]): void => {
    // Compared as digests: they are of one length, and the comparison takes the same time for every guess.
    if (expected === undefined || !timingSafeEqual(digest(bearerToken(rawHeaders)), expected))
      throw refuse('internal-only')
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
