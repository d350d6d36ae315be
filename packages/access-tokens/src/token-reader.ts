import { errors, jwtVerify, type JWTPayload } from 'jose'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Bearer } from '@gatehouse/contract/operation.ts'
import { refuse, Refusal } from '@gatehouse/contract/refusals.ts'
import type { KeySet } from './key-set.ts'
import { recentMap } from './recent-map.ts'

/** What an access token says, by the names it has there. Its signature has been verified. */
export type Claims = {
  readonly sub: string
  readonly public_id: string
  readonly sid: string
  readonly jti: string
  /** Seconds since the epoch, as `exp`. */
  readonly iat: number
  readonly exp: number
  readonly epoch: number
  /** The key that signed it. */
  readonly kid: string
  /**
   * The same, in the words of the contract; made once, so that a request that brings a known token allocates nothing.
   */
  readonly bearer: Bearer
}

/** Turns the text of an access token into what it says. */
export type TokenReader = {
  /**
   * Reads a token, at once when it is known. Refuses with `token-invalid`, `token-expired`, or
   * `verification-unavailable` when the keys cannot be had. Whether the session still lives is not asked here.
   */
  readonly read: (token: string) => Claims | Promise<Claims>
}

type Parts = {
  readonly keys: KeySet
  readonly issuer: string
  readonly audience: string
  readonly clock: Clock
  /** Verified tokens remembered; some 2 KB each. */
  readonly cacheMax?: number
}

const tokenLengthMax = 4096
const kidLengthMax = 200
const threeParts = /^[\w-]+\.[\w-]+\.[\w-]+$/

/**
 * Reads access tokens (RFC 9068, ES256 and nothing else). A signature costs 140 µs, so it is verified once: the cache
 * is keyed by the whole token, never by a part or a digest of it, and expiry and key are looked at on every hit.
 */
export const tokenReader = ({ keys, issuer, audience, clock, cacheMax = 10_000 }: Parts): TokenReader => {
  const known = recentMap<Claims>(cacheMax)

  const verify = async (token: string): Promise<Claims> => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, ({ kid }) => keyOf(keys, kid), {
        algorithms: ['ES256'],
        typ: 'at+jwt',
        issuer,
        audience,
        requiredClaims: ['exp', 'iat', 'sub', 'jti'],
        currentDate: new Date(clock.now()),
      })
      const claims = claimsOf(payload, protectedHeader.kid)
      known.set(token, claims)
      return claims
    } catch (cause) {
      if (cause instanceof Refusal) throw cause
      // jose looks at the time last: what has expired was ours, once.
      if (cause instanceof errors.JWTExpired) throw refuse('token-expired', { cause })
      if (cause instanceof errors.JOSEError) throw refuse('token-invalid', { cause })
      throw cause
    }
  }

  return {
    read: (token) => {
      const claims = known.get(token)
      if (claims !== undefined) {
        if (clock.now() >= claims.exp * 1000) throw refuse('token-expired')
        if (!keys.has(claims.kid)) throw refuse('token-invalid')
        return claims
      }
      if (token.length > tokenLengthMax || !threeParts.test(token)) throw refuse('token-invalid')
      return verify(token)
    },
  }
}

const keyOf = async (keys: KeySet, kid: string | undefined) => {
  // Without a name every key would have to be tried; none of ours is nameless.
  if (typeof kid !== 'string' || kid === '' || kid.length > kidLengthMax) throw refuse('token-invalid')
  const key = await keys.find(kid)
  if (key === undefined) throw refuse('token-invalid')
  return key
}

const claimsOf = (payload: JWTPayload, kid: string | undefined): Claims => {
  const { sub, public_id, sid, jti, iat, exp, epoch } = payload
  const isWhole =
    isName(kid) &&
    isName(sub) &&
    isName(public_id) &&
    isName(sid) &&
    isName(jti) &&
    isCount(iat) &&
    isCount(exp) &&
    isCount(epoch)
  // Signed by us and yet not of our form: another kind of token, by a release that makes such.
  if (!isWhole) throw refuse('token-invalid')
  const bearer: Bearer = Object.freeze({ userId: public_id, sessionId: sid, tokenId: jti, expiresAt: exp })
  return { sub, public_id, sid, jti, iat, exp, epoch, kid, bearer }
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
