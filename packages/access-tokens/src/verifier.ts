import type { Bearer } from '@gatehouse/contract/operation.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Revocations } from './revocations.ts'
import type { Claims, TokenReader } from './token-reader.ts'

/** Finds out whom an access token stands for. */
export type AccessTokenVerifier = {
  /**
   * At once for a known token while the lease holds. Refuses with the 401 that fits, or with
   * `verification-unavailable`.
   */
  readonly verify: (token: string) => Bearer | Promise<Bearer>
}

type Parts = {
  readonly reader: TokenReader
  readonly revocations: Pick<Revocations, 'isRevoked' | 'fresh'>
  /**
   * Asks auth-service when the lease is over; returns when the token is good, refuses when it is not or nobody answers.
   */
  readonly ask: (token: string) => Promise<void>
}

/** Verifies without a call to anyone, as long as this node may trust what it knows. */
export const accessTokenVerifier = ({ reader, revocations, ask }: Parts): AccessTokenVerifier => {
  const judge = (token: string, claims: Claims): Bearer | Promise<Bearer> => {
    // Before the lease: what was once revoked stays revoked, however long ago we heard of it.
    if (revocations.isRevoked(claims)) throw refuse('token-revoked')
    return revocations.fresh() ? claims.bearer : ask(token).then(() => claims.bearer)
  }
  return {
    verify: (token) => {
      const claims = reader.read(token)
      return claims instanceof Promise ? claims.then((read) => judge(token, read)) : judge(token, claims)
    },
  }
}
