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
  }
  readonly events: {
    readonly seq: Generated<number>
    readonly at: number
    readonly type: string
    readonly user_id: string
    readonly session_id: string | null
    readonly epoch: number | null
    /** Past this no token is left that it could matter to; null when it never mattered to one. */
    readonly until: number | null
  }
}
