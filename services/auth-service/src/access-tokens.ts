import { bearerToken } from '@gatehouse/access-tokens/bearer-credentials.ts'
import type { TokenReader } from '@gatehouse/access-tokens/token-reader.ts'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Bearer } from '@gatehouse/contract/operation.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Ids } from '@gatehouse/ids/ids.ts'
import type { Account, Keyring, Sessions } from './ports.ts'
import { signToken } from './sign-token.ts'

/** Makes access tokens, and finds out whether one is good by asking the only truth there is. */
export type AccessTokens = {
  readonly issue: (
    account: Pick<Account, 'publicId' | 'epoch'>,
    session: { readonly id: string; readonly expiresAt: number },
  ) => Issued
  /** The caller that these raw headers name; refuses with the 401 that fits. */
  readonly authenticate: (rawHeaders: readonly string[]) => Promise<Bearer>
}

type Issued = {
  readonly token: string
  readonly expiresInSeconds: number
  /** Milliseconds since the epoch. */
  readonly tokenExpiresAt: number
}

type Parts = {
  readonly keyring: Keyring
  readonly reader: TokenReader
  readonly sessions: Pick<Sessions, 'standing' | 'seen'>
  readonly clock: Clock
  readonly ids: Ids
  readonly issuer: string
  readonly audience: string
  readonly ttlSeconds: number
}

/** JWTs by RFC 9068, signed with ES256. */
export const accessTokens = ({
  keyring,
  reader,
  sessions,
  clock,
  ids,
  issuer,
  audience,
  ttlSeconds,
}: Parts): AccessTokens => ({
  issue: ({ publicId, epoch }, session) => {
    const issuedAt = Math.floor(clock.now() / 1000)
    // A token never outlives its session.
    const expiresAt = Math.min(issuedAt + ttlSeconds, Math.floor(session.expiresAt / 1000))
    const claims = {
      public_id: publicId,
      sid: session.id,
      epoch,
      iss: issuer,
      aud: audience,
      sub: publicId,
      jti: ids.uuidv4(),
      iat: issuedAt,
      exp: expiresAt,
    }
    const token = signToken(claims, keyring.signingKey())
    return { token, expiresInSeconds: expiresAt - issuedAt, tokenExpiresAt: expiresAt * 1000 }
  },

  authenticate: async (rawHeaders) => {
    const claims = await reader.read(bearerToken(rawHeaders))
    const standing = await sessions.standing(claims.sid)
    const alive =
      standing !== undefined && !standing.ended && standing.expiresAt > clock.now() && standing.publicId === claims.sub
    if (!alive) throw refuse('token-revoked')
    if (clock.now() - standing.lastSeenAt >= seenEveryMs) await sessions.seen(claims.sid)
    return { userId: claims.sub, sessionId: claims.sid, tokenId: claims.jti, expiresAt: claims.exp }
  },
})

/**
 * How often at most a session's last sight is written, in milliseconds: a write for each request would be the dearest
 * part of it.
 */
const seenEveryMs = 60_000
