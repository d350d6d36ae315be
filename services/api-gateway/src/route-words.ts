import { normalPath } from './target.ts'

/** Segments of characters that need no escape, none of them `.` or `..`, or the root alone. */
export const prefixForm = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~!$&'()*+,=:@-]+)+$|^\/$/

/** Says why this text cannot be a prefix, if it cannot. */
export const wrongPrefix = (prefix: string): string | undefined => {
  if (!prefix.startsWith('/')) return `the prefix ${prefix} must begin with a slash`
  const hidden = hides(normalPath(prefix))
  if (hidden !== undefined) return `the prefix ${prefix} would hide the built-in ${hidden}`
  if (prefix !== '/' && prefix.endsWith('/'))
    return `the prefix ${prefix} must end without a slash; it matches whole segments anyway`
  if (prefixForm.test(prefix)) return undefined
  return `the prefix ${prefix} is not a path in normal form, without escapes, query or dot segments`
}

/** In any case: a service that does not mind the case is not the one that was asked for, and a reader is misled. */
const hides = (prefix: string): string | undefined =>
  builtIn.find((own) => `${prefix.toLowerCase()}/`.startsWith(`${own}/`))

const builtIn = ['/auth', '/users', '/health', '/openapi.json', '/.well-known/jwks.json'] as const

/** Says why this text cannot be an upstream, if it cannot. */
export const wrongUpstream = (text: string): string | undefined => {
  const url = URL.parse(text)
  if (url === null) return '`upstream` must be a URL or a list of them, as in `http://blog:3000`'
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `the upstream ${text} must be http or https`
  if (url.username !== '' || url.password !== '') return 'an upstream must not carry a user name or password'
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return `the upstream ${text} must end after the host and port: the path comes from the request`
  return undefined
}

/** Says why this text cannot be an origin as browsers write it in `Origin`, if it cannot. */
export const wrongOrigin = (text: string): string | undefined => {
  if (text === '*') return undefined
  // Any page can make itself this one: a frame in a sandbox is enough.
  if (text === 'null') return 'the origin null is anybody, and cannot be allowed'
  if (text.includes('*')) return `the origin ${text} is a pattern: name each origin, or allow every one with * alone`
  const url = URL.parse(text)
  if (url === null) return `the origin ${text} must be scheme, host and port, as in https://app.example`
  const serialised = url.origin
  // Other schemes have no serialised origin that a URL could tell; the form is all there is to check.
  if (serialised === 'null' || serialised === text) return undefined
  return `browsers write the origin ${text} as ${serialised}, and would never match`
}
