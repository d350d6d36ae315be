import type { Auth } from '@gatehouse/contract/auth.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { confirmPassword } from './confirm-password.ts'
import type { Ports } from './ports.ts'

/**
 * Deletes the caller's account with all its sessions. Services that keep data of theirs hear of it through the event
 * feed.
 */
export const deleteAccount =
  (ports: Ports): Auth['deleteAccount'] =>
  async ({ password }, caller) => {
    const { id } = await confirmPassword(ports, caller, password)
    if (!(await ports.accounts.delete(id))) throw refuse('token-revoked')
    return { message: 'Account deleted' }
  }
