import type { KeyObject } from 'node:crypto'
import type { JWK } from 'jose'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { FeedHub } from '@gatehouse/event-feed/feed-hub.ts'
import type { Ids } from '@gatehouse/ids/ids.ts'
import type { PasswordHasher } from '@gatehouse/passwords/password-hasher.ts'
import type { PasswordPolicy } from '@gatehouse/passwords/password-policy.ts'
import type { AccessTokens } from './access-tokens.ts'

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
  /**
   * Replaces a password hash unless it has changed since it was read: a new password must not be undone by an upgrade
   * of the old.
   */
  readonly upgradeHash: (id: string, from: string, to: string) => Promise<void>
  /**
   * Removes the account with all its sessions and writes `user.deleted` in the same transaction. False when there was
   * none.
   */
  readonly delete: (id: string) => Promise<boolean>
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
}

/** How things stand with a session, read from the database at the time of asking. */
export type Standing = {
  readonly accountId: string
  readonly publicId: string
  readonly epoch: number
  readonly ended: boolean
  readonly expiresAt: number
}

/** Keeps sessions, and is the only truth about them. */
export type Sessions = {
  /** Starts a session; false when the account has just been deleted. */
  readonly start: (session: NewSession) => Promise<boolean>
  /** Undefined when there is no such session, or no such account any more. */
  readonly standing: (id: string) => Promise<Standing | undefined>
  /** Ends the session and writes `session.ended` in the same transaction. False when it had ended before. */
  readonly end: (id: string) => Promise<boolean>
}

/** A signing key as it lies in the database: the private half sealed. */
export type StoredKey = {
  readonly kid: string
  /** `current` signs, `next` is published so that everyone knows it before it signs, `retired` only verifies. */
  readonly state: 'current' | 'next' | 'retired'
  readonly publicJwk: JWK
  readonly sealedPrivateKey: string
}

/** Keeps signing keys. */
export type SigningKeys = {
  readonly list: () => Promise<readonly StoredKey[]>
  /** Adds a key unless another process has taken its place (`current` or `next`) first. */
  readonly add: (key: StoredKey) => Promise<'added' | 'place-taken'>
}

/** A public key that verifies, and the private one of the key that signs. */
export type Keyring = {
  readonly find: (kid: string) => KeyObject | undefined
  readonly has: (kid: string) => boolean
  readonly publicKeys: () => readonly JWK[]
  readonly signingKey: () => { readonly kid: string; readonly privateKey: KeyObject }
}

/** Everything auth-service stands on. */
export type Ports = {
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly keyring: Keyring
  readonly accessTokens: AccessTokens
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
