import type { Auth } from '@gatehouse/contract/auth.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Ports } from './ports.ts'

/**
 * Ends all the caller's sessions but this one, or this one too. Also those that a login under way is about to start.
 */
export const endSessions =
  ({ sessions }: Ports): Auth['endSessions'] =>
  async ({ including }, { userId, sessionId }) => {
    const kept = including === 'this' ? undefined : sessionId
    if (!(await sessions.endAll(userId, kept))) throw refuse('token-revoked')
    return { message: kept === undefined ? 'All sessions ended' : 'All other sessions ended' }
  }
