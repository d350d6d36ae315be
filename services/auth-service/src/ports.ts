import type { KeyObject } from 'node:crypto'
import type { JWK } from 'jose'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { FeedHub } from '@gatehouse/event-feed/feed-hub.ts'
import type { Ids } from '@gatehouse/ids/ids.ts'
import type { PasswordHasher } from '@gatehouse/passwords/password-hasher.ts'
import type { PasswordPolicy } from '@gatehouse/passwords/password-policy.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { Attempts } from './attempts.ts'
import type { KnownDevices } from './known-devices.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import type { SigningKey } from './sign-token.ts'

/** An account as the store knows it. */
export type Account = {
  /** UUIDv7, never shown. */
  readonly id: string
  /** UUIDv4: `user_id` outside, `public_id` in tokens. */
  readonly publicId: string
  readonly passwordHash: string
  /** Tokens with a smaller epoch are dead. */
  readonly epoch: number
}

/** An account that is about to be written. */
export type NewAccount = Omit<Account, 'epoch'> & {
  /** As typed, trimmed; and its normal form, by which it is compared. */
  readonly username: Identity
  readonly email: Identity
}

/** What people call themselves: `shown` as they typed it, `key` as we compare it. */
export type Identity = { readonly shown: string; readonly key: string }

/** Keeps accounts. */
export type Accounts = {
  /** Writes the account and `user.registered` together, or says which of the two names another account has. */
  readonly create: (account: NewAccount) => Promise<'created' | 'username-taken' | 'email-taken'>
  readonly findByEmail: (key: string) => Promise<Account | undefined>
  readonly findByUsername: (key: string) => Promise<Account | undefined>
  readonly findByPublicId: (publicId: string) => Promise<Account | undefined>
  /** What the account shows of itself. */
  readonly describe: (publicId: string) => Promise<AccountDetails | undefined>
  /**
   * Replaces a password hash unless it has changed since it was read: a new password must not be undone by an upgrade
   * of the old.
   */
  readonly upgradeHash: (id: string, from: string, to: string) => Promise<void>
  /**
   * Replaces the hash `from` by `to`, raises the epoch and ends all sessions but the kept one, in one transaction with
   * `user.epoch-raised`. False, and nothing is changed, when the hash is no longer `from` or the kept session has
   * ended.
   */
  readonly changePassword: (change: PasswordChange) => Promise<boolean>
  /**
   * Removes the account with all its sessions and writes `user.deleted` in the same transaction. False when there was
   * none.
   */
  readonly delete: (id: string) => Promise<boolean>
}

/** What an account shows of itself, as typed. */
export type AccountDetails = { readonly username: string; readonly email: string; readonly createdAt: number }

/** A new password on its way into the store. */
export type PasswordChange = {
  readonly accountId: string
  readonly from: string
  readonly to: string
  readonly keptSessionId: string
}

/** A session that is about to be written. */
export type NewSession = {
  readonly id: string
  readonly accountId: string
  readonly address: string
  readonly userAgent: string | undefined
  /** Milliseconds since the epoch: past this nothing of the session is valid. */
  readonly expiresAt: number
  /** Milliseconds since the epoch: when the access token that goes with it expires. */
  readonly tokenExpiresAt: number
  /** The account's epoch when its password was verified: raised since, the session is born dead. */
  readonly epoch: number
  readonly refreshHash: string
}

/** How things stand with a session, read from the database at the time of asking. */
export type Standing = {
  readonly accountId: string
  readonly publicId: string
  readonly epoch: number
  /** Ended by itself, or with all of its account's. */
  readonly ended: boolean
  readonly expiresAt: number
  readonly lastSeenAt: number
}

/** A living session, as its owner is shown it. */
export type LivingSession = {
  readonly id: string
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly expiresAt: number
  readonly address: string
  readonly userAgent: string | undefined
}

/** One use of a refresh token. */
export type RotationRequest = {
  readonly sessionId: string
  /** Hash of the token that was presented, and of the one that is to follow. */
  readonly from: string
  readonly to: string
  readonly sealedSuccessor: string
  readonly address: string
}

/** What came of it. */
export type Rotation =
  | { readonly outcome: 'rotated'; readonly session: RotatedSession }
  /** The direct parent came again in time: its successor is this one. */
  | { readonly outcome: 'repeated'; readonly session: RotatedSession; readonly sealedSuccessor: string }
  /** The session lives, and the token is one that was used up before. */
  | { readonly outcome: 'reused' }
  | { readonly outcome: 'dead' }

/** What an access token is issued from. Past `expiresAt` (milliseconds since the epoch) it must not be valid. */
export type RotatedSession = {
  readonly id: string
  readonly publicId: string
  readonly epoch: number
  readonly expiresAt: number
}

/** Keeps sessions, and is the only truth about them. */
export type Sessions = {
  /** Starts a session; false when the account has just been deleted. */
  readonly start: (session: NewSession) => Promise<boolean>
  /** Undefined when there is no such session, or no such account any more. */
  readonly standing: (id: string) => Promise<Standing | undefined>
  /** Moves the session on to its next refresh token, by one conditional UPDATE: of many callers one does it. */
  readonly rotate: (request: RotationRequest) => Promise<Rotation>
  /** The newest sessions of this user that have not ended. */
  readonly listLiving: (publicId: string, limit: number) => Promise<readonly LivingSession[]>
  /** Whether this account has a living session that was last seen at this address. */
  readonly knowsAddress: (accountId: string, address: string) => Promise<boolean>
  /** Notes that the session was seen now. */
  readonly seen: (id: string) => Promise<void>
  /**
   * Ends the session and writes `session.ended` in the same transaction. False when it does not live any more, or is
   * not this user's.
   */
  readonly end: (id: string, publicId?: string) => Promise<boolean>
  /**
   * Raises the user's epoch and ends all sessions but the kept one, with `user.epoch-raised`. False, and nothing is
   * ended, when there is no such account or the kept session is not a living one of it.
   */
  readonly endAll: (publicId: string, keptSessionId: string | undefined) => Promise<boolean>
}

/** Keeps count of wrong guesses, for each bucket. */
export type AttemptLog = {
  /**
   * Counts one more guess and answers 0, or answers the milliseconds until there may be one. Never more than allowed,
   * however many ask at once.
   */
  readonly reserve: (key: string) => Promise<number>
  /** Takes one guess back: it was never evaluated. */
  readonly release: (key: string) => Promise<void>
  /** Forgets them all: the password was right. */
  readonly clear: (key: string) => Promise<void>
}

/** A signing key as it lies in the database: the private half sealed. */
export type StoredKey = {
  readonly kid: string
  /** `current` signs, `next` is published so that everyone knows it before it signs, `retired` only verifies. */
  readonly state: 'current' | 'next' | 'retired'
  readonly publicJwk: JWK
  readonly sealedPrivateKey: string
  /** Milliseconds since the epoch: when it was made, and when it became the current one, if it did. */
  readonly createdAt: number
  readonly activatedAt: number | undefined
}

/** A signing key that is about to be kept. */
export type NewSigningKey = Omit<StoredKey, 'createdAt' | 'activatedAt'>

/** Keeps signing keys. */
export type SigningKeys = {
  readonly list: () => Promise<readonly StoredKey[]>
  /** Adds a key unless another process has taken its place (`current` or `next`) first. */
  readonly add: (key: NewSigningKey) => Promise<'added' | 'place-taken'>
  /**
   * Retires the current key, makes the next one current and keeps a new next one, in one transaction. False when the
   * key of this `kid` is no longer current: then another process has done it.
   */
  readonly rotate: (currentKid: string, next: NewSigningKey) => Promise<boolean>
  /** Removes a retired key: what it has signed is dead. False when there is no retired key of this `kid`. */
  readonly remove: (kid: string) => Promise<boolean>
}

/** A public key that verifies, and the private one of the key that signs. */
export type Keyring = {
  readonly find: (kid: string) => KeyObject | undefined
  readonly has: (kid: string) => boolean
  readonly publicKeys: () => readonly JWK[]
  readonly signingKey: () => SigningKey
}

/** Everything auth-service stands on. */
export type Ports = {
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly keyring: Keyring
  readonly accessTokens: AccessTokens
  readonly refreshTokens: RefreshTokens
  readonly knownDevices: KnownDevices
  readonly attempts: Attempts
  readonly feed: Pick<FeedHub, 'follow'>
  readonly passwords: PasswordHasher
  readonly passwordPolicy: PasswordPolicy
  readonly clock: Clock
  readonly ids: Ids
  /** Throws `database-unavailable` when the database cannot be asked. */
  readonly pingDatabase: () => Promise<void>
  readonly internalSecret: string | undefined
  readonly sessionTtlMs: number
}
