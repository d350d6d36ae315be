import type { Auth } from '@gatehouse/contract/auth.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Ports } from './ports.ts'

/**
 * Ends one of the caller's sessions. Another's is not found, like one that does not exist: ids are nobody else's
 * business.
 */
export const endSession =
  ({ sessions }: Ports): Auth['endSession'] =>
  async ({ session_id }, { userId }) => {
    if (!(await sessions.end(session_id, userId))) throw refuse('session-not-found')
    return { message: 'Session ended' }
  }
