/**
 * Tells whether a field (lower case) belongs to one connection and is never sent on: RFC 9110, section 7.6.1, and what
 * RFC 9112 adds.
 */
export const isHopByHop = (name: string): boolean => hopByHop.has(name)

/**
 * Tells whether only we may say this to an upstream, however it is spelled: CGI-like servers read `X_User_Id` as
 * `X-User-Id`.
 */
export const isOurs = (name: string): boolean => {
  if (!odd.test(name)) return ours.has(name) || name.startsWith('x-forwarded-')
  const dashed = name.replaceAll(/[^a-z0-9-]/g, '-')
  return ours.has(dashed) || dashed.startsWith('x-forwarded-') || isHopByHop(dashed) || unique.has(dashed)
}

/** Tells whether a field names the software, which is nobody's business. */
export const namesSoftware = (name: string): boolean => name === 'server' || name === 'x-powered-by'

/** What `Connection` names when it names no field: one set for all messages. */
export const noNames: ReadonlySet<string> = new Set()

/**
 * Adds the field names in the value of a `Connection` field, lower case, to those that were there before; makes a set
 * when there is one to add. A set: a hostile head has thousands of them.
 */
export const withConnectionNames = (value: string, before: ReadonlySet<string>): ReadonlySet<string> => {
  // By far the commonest values, spared the splitting. They name no field.
  if (value === 'keep-alive' || value === 'close') return before
  // Any other was made here, for the same message.
  const names = before === noNames ? new Set<string>() : (before as Set<string>)
  for (const name of value.toLowerCase().split(',')) names.add(name.trim())
  return names
}

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // It is answered here, by `forward`; the next hop's client must not ask again.
  'expect',
])

const ours = new Set([
  'x-user-id',
  'x-session-id',
  'x-request-id',
  'forwarded',
  'x-real-ip',
  'traceparent',
  'tracestate',
])

/** What decides where a request ends and whose it is: an odd spelling would be a second opinion. */
const unique = new Set(['host', 'content-length', 'authorization', 'cookie'])

/** Characters that some servers turn into the same sign as a dash: `_` everywhere, `.` in PHP, and who knows. */
const odd = /[^a-z0-9-]/
