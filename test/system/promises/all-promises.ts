import { badInput } from './bad-input.ts'
import { forwarding } from './forwarding.ts'
import { health } from './health.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { profile } from './profile.ts'
import type { PromiseSuite } from './promise.ts'
import { rateLimits } from './rate-limits.ts'
import { referenceContract } from './reference-contract.ts'
import { registration } from './registration.ts'
import { sameGate } from './same-gate.ts'
import { secretsInLogs } from './secrets-in-logs.ts'
import { sessions } from './sessions.ts'
import { tokenForms } from './token-forms.ts'
import { webSockets } from './web-sockets.ts'

/** What is promised in every world. */
export const allPromises: readonly PromiseSuite[] = [
  referenceContract,
  health,
  registration,
  login,
  tokenForms,
  profile,
  logout,
  badInput,
  forwarding,
  sameGate,
  sessions,
  webSockets,
  rateLimits,
  // Last: it looks back on all of them.
  secretsInLogs,
]
