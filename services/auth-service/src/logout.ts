import type { Auth } from '@gatehouse/contract/auth.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Ports } from './ports.ts'

/**
 * Ends the caller's session. Answered only when that is committed; a database that did not confirm it makes this a 503.
 */
export const logout =
  ({ sessions }: Ports): Auth['logout'] =>
  async (_input, { sessionId }) => {
    // Of two logouts at once one ends the session, and the other comes too late for its token.
    if (!(await sessions.end(sessionId))) throw refuse('token-revoked')
    return { message: 'Logged out successfully' }
  }
