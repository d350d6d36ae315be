import type { KeyObject } from 'node:crypto'
import type { CryptoKey } from 'jose'

/** A public key that access tokens are verified with. */
export type VerificationKey = CryptoKey | KeyObject

/**
 * The keys that sign access tokens now. auth-service's own keyring is one; `remoteKeys` is the one of everybody else.
 */
export type KeySet = {
  /** Undefined: there is no such key. Refuses with `verification-unavailable` when that cannot be known. */
  readonly find: (kid: string) => VerificationKey | undefined | Promise<VerificationKey | undefined>
  /** Whether the key is still there. Asked at every use of a cached token: a token dies with the key that signed it. */
  readonly has: (kid: string) => boolean
}
