import type { Generated } from 'kysely'

/**
 * The tables of auth-service's database. Times are milliseconds since the epoch, UTC; the migrations say the same in
 * SQL.
 */
export type Tables = {
  readonly users: {
    readonly id: string
    readonly public_id: string
    readonly username: string
    readonly username_key: string
    readonly email: string
    readonly email_key: string
    readonly password_hash: string
    readonly epoch: number
    readonly created_at: number
  }
  readonly sessions: {
    readonly id: string
    readonly user_id: string
    readonly created_at: number
    readonly last_seen_at: number
    readonly expires_at: number
    /** When the last access token given out for this session expires: so long must verifiers remember its end. */
    readonly token_expires_at: number
    readonly ended_at: number | null
    /** The user's epoch when the session was started or last kept: raised since, it is dead. */
    readonly epoch: number
    /** SHA-256 of the one refresh token that is good, and of the one before it. */
    readonly refresh_hash: string
    readonly parent_hash: string | null
    readonly rotated_at: number | null
    /** The good refresh token, sealed under the one before it. */
    readonly sealed_successor: string | null
    readonly address: string
    readonly user_agent: string | null
  }
  readonly signing_keys: {
    readonly kid: string
    /** `current` and `next`, each at most once; null for a retired key. */
    readonly place: 'current' | 'next' | null
    readonly public_jwk: string
    readonly sealed_private_key: string
    readonly created_at: number
    readonly activated_at: number | null
    readonly retired_at: number | null
  }
  readonly login_attempts: {
    /** SHA-256 of the bucket's name. */
    readonly bucket: string
    readonly failures: number
    /** Before this no further guess is evaluated. */
    readonly next_at: number
    readonly updated_at: number
  }
  readonly events: {
    readonly seq: Generated<number>
    readonly at: number
    readonly type: string
    readonly user_id: string
    readonly session_id: string | null
    readonly epoch: number | null
    readonly kept_session_id: string | null
    /** Past this no token is left that it could matter to; null when it never mattered to one. */
    readonly until: number | null
  }
}
