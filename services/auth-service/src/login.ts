import type { Auth } from '@gatehouse/contract/auth.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { normalForm } from './normal-form.ts'
import type { Account, Accounts, Ports } from './ports.ts'

/**
 * Starts a session. An unknown account costs as much as a wrong password, and answers the same: neither can be told
 * from the other.
 */
export const login =
  ({ accounts, sessions, accessTokens, passwords, clock, ids, sessionTtlMs }: Ports): Auth['login'] =>
  async ({ email, username, password }, { address, userAgent }) => {
    const account = await find(accounts, email, username)
    const { ok, weak } = await passwords.verify(account?.passwordHash, password)
    if (account === undefined || !ok) throw refuse('invalid-credentials')
    if (weak) await accounts.upgradeHash(account.id, account.passwordHash, await passwords.hash(password))

    const session = { id: ids.uuidv7(), expiresAt: clock.now() + sessionTtlMs }
    const { token, expiresInSeconds, tokenExpiresAt } = await accessTokens.issue(account, session)
    const started = await sessions.start({ ...session, accountId: account.id, address, userAgent, tokenExpiresAt })
    // Deleted while the password was being hashed: then there is no such account.
    if (!started) throw refuse('invalid-credentials')
    return { token, user_id: account.publicId, token_type: 'Bearer', expires_in: expiresInSeconds }
  }

const find = (
  accounts: Accounts,
  email: string | undefined,
  username: string | undefined,
): Promise<Account | undefined> => {
  if (email !== undefined && username !== undefined) {
    throw refuse('invalid-request', {
      errors: [{ path: '/username', message: 'goes without email: send one of the two' }],
    })
  }
  if (email !== undefined) return accounts.findByEmail(normalForm(email))
  if (username !== undefined) return accounts.findByUsername(normalForm(username))
  throw refuse('invalid-request', { errors: [{ path: '/email', message: 'is required (or username)' }] })
}
