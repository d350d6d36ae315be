import type { Bearer, Client } from '@gatehouse/contract/operation.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Account, Ports } from './ports.ts'

/**
 * Makes sure that the caller knows the account's password: a stolen token alone must not take the account over. Guesses
 * count as logins.
 */
export const confirmPassword = async (
  { accounts, attempts, passwords }: Pick<Ports, 'accounts' | 'attempts' | 'passwords'>,
  { userId, sessionId, address }: Bearer & Client,
  password: string,
): Promise<Account> => {
  passwords.admit()
  const account = await accounts.findByPublicId(userId)
  if (account === undefined) throw refuse('token-revoked')
  // The session is a bucket of its own: whoever stole it cannot keep the owner from logging in elsewhere.
  const attempt = await attempts.begin({ bucket: `session:${sessionId}`, address, isKnownDevice: false })
  const { ok } = await attempt.evaluate(() => passwords.verify(account.passwordHash, password))
  if (!ok) throw refuse('wrong-password')
  return account
}
