import assert from 'node:assert/strict'
import type { NewAccount, NewSession, RotationRequest } from '../ports.ts'
import { accessTokenTtlMs, sessionTtlMs, type AuthWorld } from './auth-world.ts'

/** An account that was not written yet, under a name of its own unless told. */
export const newAccount = (world: AuthWorld, name: string = world.ids.uuidv4()): NewAccount => ({
  id: world.ids.uuidv7(),
  publicId: world.ids.uuidv4(),
  username: { shown: name, key: name },
  email: { shown: `${name}@example.com`, key: `${name}@example.com` },
  passwordHash: 'hash',
})

/** Writes an account, without the price of a password. */
export const openAccount = async (world: AuthWorld, name?: string): Promise<NewAccount> => {
  const account = newAccount(world, name)
  assert.equal(await world.accounts.create(account), 'created')
  return account
}

/** A session that was not written yet; its refresh token has the hash `t1`. */
export const newSession = (world: AuthWorld, { id: accountId }: Pick<NewAccount, 'id'>): NewSession => ({
  id: world.ids.uuidv7(),
  accountId,
  address: '203.0.113.7',
  userAgent: undefined,
  expiresAt: world.clock.now() + sessionTtlMs,
  tokenExpiresAt: world.clock.now() + accessTokenTtlMs,
  epoch: 0,
  refreshHash: 't1',
})

/** Writes a session, and answers its id. */
export const startSession = async (
  world: AuthWorld,
  account: Pick<NewAccount, 'id'>,
  particulars: Partial<NewSession> = {},
): Promise<string> => {
  const session = { ...newSession(world, account), ...particulars }
  assert.equal(await world.sessions.start(session), true)
  return session.id
}

/** One use of the token whose hash is `from`. */
export const use = (sessionId: string, from: string, to: string): RotationRequest => ({
  sessionId,
  from,
  to,
  sealedSuccessor: `sealed ${to}`,
  address: '198.51.100.9',
})
