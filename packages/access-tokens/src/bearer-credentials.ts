import { refuse } from '@gatehouse/contract/refusals.ts'
import { fnv1a } from '@gatehouse/ids/fnv.ts'

/**
 * The bearer token in a request's raw headers (name, value, name, value …), RFC 6750 section 2.1. Refuses with
 * `token-missing`, `token-invalid` or `duplicate-authorization`. Raw, because Node's parsed headers silently keep the
 * first of two credentials.
 */
export const bearerToken = (rawHeaders: readonly string[]): string => tokenIn(credentialsIn(rawHeaders))

/**
 * Makes the same, for who is asked by the same callers again and again: remembers which token they brought. What is
 * found again is the very string of before, whose hash V8 knows; a token that is cut out anew is hashed by all its
 * characters wherever it is looked up. A Map would hash the field so instead: it is found by its end, where a token has
 * its signature, and compared whole.
 */
export const rememberedBearerToken = (): ((rawHeaders: readonly string[]) => string) => {
  const places: ({ readonly credentials: string; readonly token: string } | undefined)[] = Array.from({
    length: rememberedMax,
  })
  return (rawHeaders) => {
    const credentials = credentialsIn(rawHeaders)
    if (credentials === undefined || credentials.length > rememberedLengthMax) return tokenIn(credentials)
    const place = placeOf(credentials)
    const last = places[place]
    if (last?.credentials === credentials) return last.token
    const token = tokenIn(credentials)
    places[place] = { credentials, token }
    return token
  }
}

/** A power of two. Two callers of one place take turns in it; 3 MB at most for who sends as many as he likes. */
const rememberedMax = 2_048
/** In characters: a token of ours has some 560. */
const rememberedLengthMax = 1_024

const placeOf = (credentials: string): number => {
  const hash = fnv1a(credentials, Math.max(0, credentials.length - 8), credentials.length, 0)
  return (hash ^ (hash >>> 16)) & (rememberedMax - 1)
}

const credentialsIn = (rawHeaders: readonly string[]): string | undefined => {
  let credentials: string | undefined
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    // The length first: it rules out nearly every header without making a lower-case copy.
    if (name?.length !== fieldName.length || name.toLowerCase() !== fieldName) continue
    if (credentials !== undefined) throw refuse('duplicate-authorization')
    credentials = rawHeaders[at + 1] ?? ''
  }
  return credentials
}

const tokenIn = (credentials: string | undefined): string => {
  if (credentials === undefined || noCredentials.test(credentials)) throw refuse('token-missing')
  const token = bearer.exec(credentials)?.[1]
  if (token === undefined) throw refuse('token-invalid')
  return token
}

const fieldName = 'authorization'
const noCredentials = /^(?:bearer)? *$/i
/**
 * RFC 6750: the scheme, in any case (RFC 9110, section 11.1), at the very start; spaces; one `b64token`, and nothing
 * after it.
 */
const bearer = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i
