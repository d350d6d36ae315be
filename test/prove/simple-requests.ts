import { mutationsOf } from './mutations.ts'
import { randomNumbers } from './random-numbers.ts'

/** Makes up what one client says on one connection, request by request: the same from the same seed. */
export type SimpleRequests = () => readonly string[]

/**
 * Requests of the simplest form, which the fast lane reads, and those that one mutation separates from it. The prefixes
 * lead to a service, to one that wants a token, and to nobody.
 */
export const simpleRequests = (seed: number): SimpleRequests => {
  const random = randomNumbers(seed)
  const below = (bound: number): number => Math.floor(random() * bound)
  const oneOf = (from: readonly string[]): string => from[below(from.length)] ?? ''
  const mutations = mutationsOf(random, followers)

  const request = (): string => {
    const method = oneOf(['GET', 'GET', 'GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'POST', 'PUT', 'PATCH'])
    const prefix = oneOf(['/raw', '/raw', '/raw', '/raw', '/members', '/nowhere'])
    const line = `${method} ${prefix}/${oneOf(targets)}${below(1_000)} HTTP/1.1`
    const more = Array.from({ length: below(8) }, () => oneOf(fields))
    const body = method.startsWith('P') && random() < 0.8 ? oneOf(bodies) : undefined
    if (body !== undefined) more.splice(below(more.length + 1), 0, `Content-Length: ${body.length}`)
    const at = below(more.length + 1)
    const bytes = `${[line, ...more.toSpliced(at, 0, 'Host: gate.test')].join('\r\n')}\r\n\r\n${body ?? ''}`
    return random() < mutatedShare ? (mutations[below(mutations.length)]?.(bytes) ?? bytes) : bytes
  }
  return () => Array.from({ length: 1 + below(3) }, request)
}

const mutatedShare = 0.4

/** What one mutation puts behind a request, or the beginning of it into one. */
const followers = [
  'GET /raw/behind HTTP/1.1\r\nHost: gate.test\r\n\r\n',
  'HEAD /raw/behind HTTP/1.1\r\nHost: gate.test\r\n\r\n',
  'POST /raw/behind HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 5\r\n\r\nhello',
  'POST /raw/behind HTTP/1.1\r\nHost: gate.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
]

/** Most of them are sent on. */
const targets = "|a|a/b|a/b?c=d&e=|%61|%c3%a9|-_.|;a=b,|~!$&'()*+,;=:@|?|?a=/../%2e|%2e%2e/|x//y|../|%00".split('|')

/** Some look like what could stand behind a request. */
const bodies = [
  '',
  'a',
  '{"bio":"words"}',
  '\0\r\n\xff',
  '0\r\n\r\n',
  '\r\n\r\n',
  followers[0] ?? '',
  'long '.repeat(900),
]

const fields = [
  'Accept: application/json, text/plain, */*',
  'Accept-Encoding: gzip, br',
  'accept-language:en-GB,en;q=0.9',
  'Authorization: Bearer header.payload.signature',
  'Authorization:   Basic YTpi  ',
  'Connection: keep-alive',
  'Connection:Keep-Alive\t',
  'Cookie: a=b; c="d"',
  'Cookie:',
  'Forwarded: for=mallory',
  'If-None-Match: W/"a"',
  'Keep-Alive: timeout=600',
  'Max-Forwards: 0',
  'Origin: https://app.example.org',
  'Range: bytes=0-',
  'TE: trailers',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'X-Forwarded-For: 192.0.2.1',
  'X-Request-Id: mine',
  'x_user_id: mallory',
  'X-User-Id: mallory',
  "!#$%&'*+-.^_`|~: \t punctuation \t ",
  `X-Long: ${'long '.repeat(700)}`,
  'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
]
