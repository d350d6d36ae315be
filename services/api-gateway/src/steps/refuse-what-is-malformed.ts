import { refuse, type Refusal, type RefusalCode } from '@gatehouse/contract/refusals.ts'
import type { Exchange } from '../exchange.ts'
import { isHost } from '../host.ts'
import { limits } from '../limits.ts'
import type { Message, Said } from '../message.ts'
import { normalPath, targetOf, type Target } from '../target.ts'

/**
 * Refuses what two parsers could read in two ways: whoever stands behind us must see the request that we have checked.
 */
export const refuseWhatIsMalformed = (exchange: Exchange): void => {
  const { message, known } = exchange
  const target = targetOf(message.target)
  // What was found of these very fields before need not be looked for again.
  for (const check of known.isSound ? checksOfTheLine : checks) {
    if (check.fields?.(message) === true || check.broken?.(message, target) === true) throw refusal(check)
  }
  known.isSound = true
  exchange.path = normalPath(target.path)
  exchange.query = target.query
}

/** One thing that makes a request unacceptable. */
export type Check = {
  /** Told to the client as the refusal's detail. */
  readonly name: string
  readonly broken?: (message: Message, target: Target) => boolean
  /** Instead, when it is for the fields alone to say: not asked again of those that a connection repeats. */
  readonly fields?: (said: Said) => boolean
  /** `malformed-request` unless said otherwise. */
  readonly code?: RefusalCode
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * All of them, cheapest first. Every one closes the connection, except where its code says that the framing is sound.
 */
export const checks: readonly Check[] = [
  // Methods that speak to the connection or to the machine, not to a service
  {
    name: 'TRACE and CONNECT are not forwarded',
    broken: ({ method }) => method === 'TRACE' || method === 'CONNECT',
    code: 'method-not-allowed',
    headers: { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS', connection: 'close' },
  },
  {
    name: 'a method of another protocol',
    broken: ({ method, httpVersion }) => httpVersion === '1.0' && methodsOfRtsp.has(method),
  },
  {
    name: `more than ${limits.headersMax} fields`,
    fields: ({ fields }) => fields > limits.headersMax,
    code: 'headers-too-large',
  },
  {
    name: 'an expectation other than 100-continue',
    fields: ({ expectation }) => expectation !== undefined && expectation.toLowerCase() !== '100-continue',
    code: 'expectation-failed',
  },

  // Framing: where the request ends (RFC 9112, section 6)
  { name: 'unknown HTTP version', fields: ({ httpVersion }) => !versions.has(httpVersion) },
  {
    name: 'both Content-Length and Transfer-Encoding',
    fields: ({ contentLengths, transferEncodings }) => contentLengths > 0 && transferEncodings.length > 0,
  },
  { name: 'more than one Content-Length', fields: ({ contentLengths }) => contentLengths > 1 },
  {
    // RFC 9110, section 8.6: past 2^53 a reader loses digits, and each loses others.
    name: 'a Content-Length that not every reader can count to',
    fields: ({ contentLength }) => contentLength.length > lengthDigitsMax,
    code: 'body-too-large',
  },
  {
    name: 'Transfer-Encoding in HTTP/1.0',
    fields: ({ httpVersion, transferEncodings }) => transferEncodings.length > 0 && httpVersion === '1.0',
  },
  {
    name: 'Transfer-Encoding other than chunked',
    fields: ({ transferEncodings }) =>
      transferEncodings.length > 1 || transferEncodings.some((coding) => coding.toLowerCase() !== 'chunked'),
  },
  {
    name: 'Connection names a field that is meant for the end',
    fields: ({ connection }) => !connection.isDisjointFrom(endToEnd),
  },

  // Host: which service is meant (RFC 9112, section 3.2)
  { name: 'more than one Host', fields: ({ hosts }) => hosts.length > 1 },
  { name: 'Host is missing', fields: ({ hosts, httpVersion }) => hosts.length === 0 && httpVersion !== '1.0' },
  { name: 'Host is not a host', fields: ({ hosts }) => !hosts.every(isHost) },

  // The target: which resource is meant (RFC 3986; RFC 9112, section 3.2)
  {
    name: `request target over ${limits.targetBytesMax} bytes`,
    broken: ({ target }) => target.length > limits.targetBytesMax,
    code: 'uri-too-long',
  },
  { name: 'fragment in the request target', broken: ({ target }) => target.includes('#') },
  { name: 'request target of an unknown form', broken: (_message, { form }) => form === 'unknown' },
  { name: 'asterisk without OPTIONS', broken: ({ method }, { form }) => form === 'asterisk' && method !== 'OPTIONS' },
  {
    name: 'request target and Host disagree',
    broken: ({ hosts }, { authority }) =>
      authority !== undefined && authority.toLowerCase() !== hosts[0]?.toLowerCase(),
  },
  {
    name: 'bad percent-encoding in the path',
    broken: (_message, { path }) => path.includes('%') && badPercent.test(path),
  },
  { name: 'backslash in the path', broken: (_message, { path }) => path.includes('\\') },
  { name: 'empty segment in the path', broken: (_message, { path }) => path.includes('//') },
  { name: 'dot segment in the path', broken: (_message, { path }) => path.includes('/.') && dotSegment.test(path) },
  {
    name: 'encoded slash, backslash, dot or control character in the path',
    broken: (_message, { path }) => path.includes('%') && treacherous.test(path),
  },

  // Credentials
  {
    name: 'more than one Authorization',
    fields: ({ authorizations }) => authorizations > 1,
    code: 'duplicate-authorization',
  },
]

/** Those that look at more than the fields. */
const checksOfTheLine = checks.filter(({ broken }) => broken !== undefined)

const lengthDigitsMax = 15

/** Node's parser takes RTSP/1.0 for HTTP/1.0, and knows these methods only there. */
const methodsOfRtsp = new Set([
  'DESCRIBE',
  'ANNOUNCE',
  'SETUP',
  'PLAY',
  'PAUSE',
  'TEARDOWN',
  'GET_PARAMETER',
  'SET_PARAMETER',
  'REDIRECT',
  'RECORD',
  'FLUSH',
])

/** HTTP/2 has been said in the words of HTTP/1.1 before it comes here. */
const versions = new Set(['1.1', '1.0', '2'])

/** Named by `Connection`, these would be taken off on the way: the attacker chooses what the service does not see. */
const endToEnd = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'authorization',
  'cookie',
  'date',
])

const badPercent = /%(?![0-9A-Fa-f]{2})/

/** `..;` too: servers that know path parameters take it for `..`. */
const dotSegment = /\/\.{1,2}(?:[/;]|$)/

/** What decoding would turn into a separator, a step upwards or an end of text. */
const treacherous = /%(?:2[EeFf]|5[Cc]|[01][0-9A-Fa-f]|7[Ff])/

const refusal = ({ name, code = 'malformed-request', headers }: Check): Refusal =>
  refuse(code, { detail: name, ...(headers === undefined ? {} : { headers }) })
