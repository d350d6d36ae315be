import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import type { RefusalCode } from '@gatehouse/contract/refusals.ts'
import { graceMs } from '../stores/rotate-session.ts'
import { accessTokenTtlMs, sessionTtlMs, type AuthWorld } from './auth-world.ts'

/** An access token that was given out, and when it expires: milliseconds since the epoch. */
export type ModelToken = {
  readonly text: string
  readonly claims: { readonly sid: string; readonly public_id: string; readonly epoch: number }
  readonly expiresAt: number
}

/** A session as anybody understands it without a database. */
export type ModelSession = {
  readonly id: string
  readonly user: ModelUser
  readonly endsAt: number
  readonly tokens: ModelToken[]
  /** All refresh tokens of the family, in the order in which they were given out: the last one is good. */
  readonly family: string[]
  rotatedAt: number
  lives: boolean
}

/** An account. One that is opened anew under an old name is another one. */
export type ModelUser = { readonly id: string; readonly name: string; password: string; exists: boolean }

/** The simplest thing that says which sessions, tokens and accounts are good. */
export type SessionLife = {
  readonly users: ModelUser[]
  readonly sessions: ModelSession[]
  readonly begin: (user: ModelUser, answer: Pair) => void
  /** What using the refresh token of this age must lead to (0 is the newest); the model moves on with it. */
  readonly refresh: (session: ModelSession, age: number) => 'rotated' | 'repeated' | 'refused' | 'reused'
  /** The pair that a refresh has answered. */
  readonly refreshed: (session: ModelSession, answer: Pair) => void
  readonly isLiving: (session: ModelSession) => boolean
  readonly livingOf: (user: ModelUser) => readonly ModelSession[]
  readonly wordOn: (session: ModelSession, token: ModelToken) => 'good' | RefusalCode
}

/** What a login and a refresh answer. */
export type Pair = { readonly token: string; readonly refresh_token: string; readonly expires_in: number }

/** Makes the model, in the time of this world. */
export const sessionLife = ({ clock }: Pick<AuthWorld, 'clock'>): SessionLife => {
  const users: ModelUser[] = []
  const sessions: ModelSession[] = []
  const isLiving = (session: ModelSession): boolean =>
    session.lives && session.user.exists && clock.now() < session.endsAt

  const tokenOf = (session: Pick<ModelSession, 'endsAt' | 'rotatedAt'>, { token, expires_in }: Pair): ModelToken => {
    const issuedAt = Math.floor(clock.now() / 1000)
    const latest = Math.floor(Math.min(session.rotatedAt + accessTokenTtlMs, session.endsAt) / 1000)
    const expiresAt = Math.min(issuedAt + accessTokenTtlMs / 1000, latest)
    assert.equal(expires_in, expiresAt - issuedAt)
    const { sid, public_id, epoch } = decodeJwt<ModelToken['claims']>(token)
    return { text: token, claims: { sid, public_id, epoch }, expiresAt: expiresAt * 1000 }
  }

  return {
    users,
    sessions,
    begin: (user, answer) => {
      const times = { endsAt: clock.now() + sessionTtlMs, rotatedAt: clock.now() }
      const token = tokenOf(times, answer)
      const id = token.claims.sid
      sessions.push({ id, user, ...times, tokens: [token], family: [answer.refresh_token], lives: true })
    },
    refresh: (session, age) => {
      if (!isLiving(session)) return 'refused'
      if (age === 0) {
        session.rotatedAt = clock.now()
        return 'rotated'
      }
      if (age === 1 && clock.now() - session.rotatedAt <= graceMs) return 'repeated'
      session.lives = false
      return 'reused'
    },
    refreshed: (session, answer) => {
      session.tokens.push(tokenOf(session, answer))
      if (!session.family.includes(answer.refresh_token)) session.family.push(answer.refresh_token)
    },
    isLiving,
    livingOf: (user) => sessions.filter((session) => session.user === user && isLiving(session)),
    wordOn: (session, { expiresAt }) => {
      if (clock.now() >= expiresAt) return 'token-expired'
      return isLiving(session) ? 'good' : 'token-revoked'
    },
  }
}
