import type { Auth } from '@gatehouse/contract/auth.ts'
import type { Client } from '@gatehouse/contract/operation.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Attempt } from './attempts.ts'
import { normalForm } from './normal-form.ts'
import type { Account, Ports } from './ports.ts'

/**
 * Starts a session. An unknown account costs as much as a wrong password, and answers the same: neither can be told
 * from the other.
 */
export const login =
  (ports: Ports): Auth['login'] =>
  async ({ email, username, password, device_token }, client) => {
    const { accounts, knownDevices, passwords } = ports
    const who = identityOf(email, username)
    passwords.admit()
    const account = await (who.kind === 'email' ? accounts.findByEmail(who.key) : accounts.findByUsername(who.key))
    const attempt = await beginAttempt(ports, client, { who, account, deviceToken: device_token })
    const { ok, weak } = await attempt.evaluate(() => passwords.verify(account?.passwordHash, password))
    if (account === undefined || !ok) throw refuse('invalid-credentials')
    if (weak) await accounts.upgradeHash(account.id, account.passwordHash, await passwords.hash(password))

    const isKnown = device_token !== undefined && knownDevices.read(account.publicId, device_token) !== undefined
    return {
      ...(await startSession(ports, account, client)),
      device_token: isKnown ? device_token : knownDevices.make(account.publicId),
    }
  }

const startSession = async (
  { sessions, accessTokens, refreshTokens, clock, ids, sessionTtlMs }: Ports,
  account: Account,
  { address, userAgent }: Client,
) => {
  const session = { id: ids.uuidv7(), expiresAt: clock.now() + sessionTtlMs }
  const refreshToken = refreshTokens.make(session.id)
  const { token, expiresInSeconds, tokenExpiresAt } = accessTokens.issue(account, session)
  const started = await sessions.start({
    ...session,
    accountId: account.id,
    epoch: account.epoch,
    address,
    userAgent,
    tokenExpiresAt,
    refreshHash: refreshToken.hash,
  })
  // Deleted while the password was being hashed: then there is no such account.
  if (!started) throw refuse('invalid-credentials')
  return {
    token,
    user_id: account.publicId,
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
    refresh_token: refreshToken.text,
  } as const
}

type Who = { readonly kind: 'email' | 'username'; readonly key: string }

type Guess = { readonly who: Who; readonly account: Account | undefined; readonly deviceToken: string | undefined }

/**
 * Chooses the bucket in which a wrong password counts: the device's own when it has logged in before, the address's own
 * when a living session is there, and one for all strangers otherwise. Strangers who guess slow down strangers; the
 * owner's own device logs in. An account that does not exist has a bucket too, and asks the database as often: its 429
 * must not tell that it is none.
 */
const beginAttempt = async (
  { attempts, sessions, knownDevices }: Ports,
  { address }: Client,
  { who, account, deviceToken }: Guess,
): Promise<Attempt> => {
  const subject = account?.id ?? `${who.kind}:${who.key}`
  const device = deviceToken === undefined ? undefined : knownDevices.read(account?.publicId ?? '', deviceToken)
  const isKnownAddress = await sessions.knowsAddress(subject, address)
  const bucket =
    device !== undefined
      ? `device:${subject}:${device}`
      : isKnownAddress
        ? `address:${subject}:${address}`
        : `account:${subject}`
  return attempts.begin({ bucket, address, isKnownDevice: device !== undefined })
}

const identityOf = (email: string | undefined, username: string | undefined): Who => {
  if (email !== undefined && username !== undefined) {
    throw refuse('invalid-request', {
      errors: [{ path: '/username', message: 'goes without email: send one of the two' }],
    })
  }
  if (email !== undefined) return { kind: 'email', key: normalForm(email) }
  if (username !== undefined) return { kind: 'username', key: normalForm(username) }
  throw refuse('invalid-request', { errors: [{ path: '/email', message: 'is required (or username)' }] })
}
