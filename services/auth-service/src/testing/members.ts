import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { revocations } from '@gatehouse/access-tokens/revocations.ts'
import type { Bearer, Client } from '@gatehouse/contract/operation.ts'
import { Refusal, type RefusalCode } from '@gatehouse/contract/refusals.ts'
import { login } from '../login.ts'
import { register } from '../register.ts'
import { authWorld, client, type AuthWorld } from './auth-world.ts'
import { cheapPasswords } from './cheap-passwords.ts'

/** The password of everybody here, until they change it. */
export const password = 'secret'

/** Opens an account under this name, and answers its `user_id`. */
export const signUp = async (world: AuthWorld, username = 'ada'): Promise<string> =>
  (await register(world)({ username, email: `${username}@example.com`, password }, client)).user_id

/** A world of its own for a test, in which ada has an account, and hashing passwords takes no time. */
export const adasWorld = async (): Promise<AuthWorld> => {
  const world = await authWorld(undefined, { passwords: cheapPasswords })
  await signUp(world)
  return world
}

/** A session, and how its holder looks to the operations. */
export type Member = {
  readonly token: string
  readonly refreshToken: string
  readonly deviceToken: string
  readonly caller: Bearer & Client
}

/** Starts a session for this name, from this client. */
export const logIn = async (world: AuthWorld, username = 'ada', from: Client = client): Promise<Member> => {
  const answer = await login(world)({ username, password }, from)
  return {
    token: answer.token,
    refreshToken: answer.refresh_token,
    deviceToken: answer.device_token,
    caller: { ...from, ...(await authenticate(world, answer.token)) },
  }
}

/** Who a service that asks the database takes the holder of this access token for. */
export const authenticate = (world: AuthWorld, token: string): Promise<Bearer> =>
  world.accessTokens.authenticate(['Authorization', `Bearer ${token}`])

/** `good`, or the refusal that the holder of this access token meets where the database is asked. */
export const standingOf = async (world: AuthWorld, token: string): Promise<'good' | RefusalCode> => {
  const outcome = await outcomeOf(authenticate(world, token))
  return typeof outcome === 'string' ? outcome : 'good'
}

/** What was answered, or the code with which it was refused. Anything else that is thrown is a bug. */
export const outcomeOf = async <T>(answer: Promise<T>): Promise<T | RefusalCode> => {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

/** Whether a node that has followed the log, and asks nobody, takes this access token for revoked. */
export const isRevokedElsewhere = (world: Pick<AuthWorld, 'clock' | 'committed'>, token: string): boolean => {
  const known = revocations({ clock: world.clock, maxStalenessMs: 1_000 })
  for (const event of world.committed) known.receive({ type: 'event', resume: event.seq, event })
  // Made by us a moment ago: these are its claims.
  const { sid, public_id, epoch } = decodeJwt<{ sid: string; public_id: string; epoch: number }>(token)
  return known.isRevoked({ sid, public_id, epoch })
}

/** What every node says of this access token, those that ask the database and those that do not: the same. */
export const standingEverywhere = async (world: AuthWorld, token: string): Promise<'good' | RefusalCode> => {
  const standing = await standingOf(world, token)
  assert.equal(isRevokedElsewhere(world, token), standing === 'token-revoked')
  return standing
}
