import type { Auth } from '@gatehouse/contract/auth.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { confirmPassword } from './confirm-password.ts'
import type { Ports } from './ports.ts'

/** Changes the password and ends every other session with it, in one transaction: whoever knew the old one is out. */
export const changePassword =
  (ports: Ports): Auth['changePassword'] =>
  async ({ current_password, new_password }, caller) => {
    const { accounts, sessions, passwords, passwordPolicy } = ports
    const fault = passwordPolicy(new_password)
    if (fault !== undefined) throw refuse('invalid-request', { errors: [{ path: '/new_password', message: fault }] })
    const { id, passwordHash } = await confirmPassword(ports, caller, current_password)
    const change = {
      accountId: id,
      from: passwordHash,
      to: await passwords.hash(new_password),
      keptSessionId: caller.sessionId,
    }
    if (!(await accounts.changePassword(change))) {
      // Of two changes at once the later one's "current password" is no longer that, or its session was ended.
      const standing = await sessions.standing(caller.sessionId)
      throw refuse(standing === undefined || standing.ended ? 'token-revoked' : 'wrong-password')
    }
    return { message: 'Password changed' }
  }
