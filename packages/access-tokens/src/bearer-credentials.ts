import { refuse } from '@gatehouse/contract/refusals.ts'

/**
 * The bearer token in a request's raw headers (name, value, name, value …), RFC 6750 section 2.1. Refuses with
 * `token-missing`, `token-invalid` or `duplicate-authorization`. Raw, because Node's parsed headers silently keep the
 * first of two credentials.
 */
export const bearerToken = (rawHeaders: readonly string[]): string => {
  let credentials: string | undefined
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    // The length first: it rules out nearly every header without making a lower-case copy.
    if (name?.length !== fieldName.length || name.toLowerCase() !== fieldName) continue
    if (credentials !== undefined) throw refuse('duplicate-authorization')
    credentials = rawHeaders[at + 1] ?? ''
  }
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
