import { flags, frame, fieldBlock } from './raw-http2.ts'

/** What a hostile request over HTTP/2 must come to. */
export type HostileHttp2 = {
  readonly name: string
  readonly frames: readonly Buffer[]
  /** A problem of this status · the stream reset · the connection ended. */
  readonly comesTo: number | 'reset' | 'end'
  /** Where the body shows what is wrong, the service has heard of the request, and never gets it whole. */
  readonly isBegun?: true
}

/** The path in them all: none of these may reach the service behind it whole. */
export const hostilePath = '/own/hostile'

const good: Readonly<Record<string, string>> = {
  ':method': 'GET',
  ':scheme': 'https',
  ':path': hostilePath,
  ':authority': 'localhost',
}

/** Good field lines, but for these; `undefined` leaves one out. */
const fields = (changed: Readonly<Record<string, string | undefined>> = {}, more: readonly string[] = []) => [
  ...Object.entries({ ...good, ...changed }).flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
  ...more,
]

const headers = (flat: readonly string[], flag = flags.endHeaders | flags.endStream): Buffer =>
  frame('headers', { flag, stream: 1, payload: fieldBlock(flat) })

const data = (text: string, flag: number = flags.endStream): Buffer =>
  frame('data', { flag, stream: 1, payload: Buffer.from(text) })

const head = (
  name: string,
  comesTo: HostileHttp2['comesTo'],
  changed: Readonly<Record<string, string | undefined>>,
  more: readonly string[] = [],
): HostileHttp2 => ({ name, comesTo, frames: [headers(fields(changed, more))] })

const extra = (name: string, ...more: readonly string[]): HostileHttp2 => head(name, 'reset', {}, more)

const posted = (name: string, more: readonly string[], ...bodies: readonly Buffer[]): HostileHttp2 => ({
  name,
  comesTo: 'reset',
  frames: [headers(fields({ ':method': 'POST' }, more), flags.endHeaders), ...bodies],
})

const frames = (name: string, comesTo: HostileHttp2['comesTo'], ...sent: readonly Buffer[]): HostileHttp2 => ({
  name,
  comesTo,
  frames: sent,
})

const many = <Item>(count: number, make: (at: number) => Item): readonly Item[] =>
  Array.from({ length: count }, (_, at) => make(at))

/** All of them, by what is wrong. */
export const hostileHttp2: readonly HostileHttp2[] = [
  // Pseudo-header fields (RFC 9113, section 8.3)
  head('no :method', 'reset', { ':method': undefined }),
  head('no :path', 'reset', { ':path': undefined }),
  head('no :scheme', 'reset', { ':scheme': undefined }),
  head('neither :authority nor host', 'reset', { ':authority': undefined }),
  head('an empty :authority', 'reset', { ':authority': '' }),
  head('a :authority with a user', 'reset', { ':authority': 'user@localhost' }),
  head('a :authority of two hosts', 400, { ':authority': 'localhost,evil.test' }),
  extra('two :path', ':path', '/own/other'),
  frames('two :authority', 'reset', headers([':authority', 'evil.test', ...fields()])),
  extra('a pseudo-header field behind the others', 'x-a', '1', ':path', '/own/other'),
  frames('an unknown pseudo-header field', 'reset', headers([':version', 'HTTP/1.1', ...fields()])),
  frames('a field of answers', 'reset', headers([':status', '200', ...fields()])),
  head('a :scheme that is not spoken here', 400, { ':scheme': 'http' }),
  head('CONNECT', 405, { ':method': 'CONNECT', ':scheme': undefined, ':path': undefined }),
  frames('extended CONNECT', 'reset', headers([':protocol', 'websocket', ...fields({ ':method': 'CONNECT' })])),
  head('TRACE', 405, { ':method': 'TRACE' }),
  head('a method that HTTP/1.1 could not say', 'reset', { ':method': 'GET / HTTP/1.1\r\nx:' }),
  head('a method that nobody knows', 400, { ':method': 'FETCH' }),

  // Host: which service is meant
  head('host says another name than :authority', 400, {}, ['host', 'evil.test']),
  head('two host', 'reset', { ':authority': undefined }, ['host', 'localhost', 'host', 'evil.test']),

  // The target
  head('a :path that is relative', 'reset', { ':path': 'own/hostile' }),
  head('an empty :path', 'reset', { ':path': '' }),
  head('a :path in absolute form', 'reset', { ':path': `https://localhost${hostilePath}` }),
  head('a space in :path', 'reset', { ':path': `${hostilePath} HTTP/1.1` }),
  head('a line end in :path', 'reset', { ':path': `${hostilePath}\r\nx-user-id: mallory` }),
  head('a byte past ASCII in :path', 400, { ':path': `${hostilePath}\xe9` }),
  head('a fragment in :path', 400, { ':path': `${hostilePath}#a` }),
  head('a dot segment in :path', 400, { ':path': '/auth/../own/hostile' }),
  head('an encoded slash in :path', 400, { ':path': '/own%2Fhostile' }),
  head('an empty segment in :path', 400, { ':path': '//own/hostile' }),
  head('a :path over the limit', 414, { ':path': `${hostilePath}?${'a'.repeat(8_192)}` }),

  // Fields of a connection (RFC 9113, section 8.2.2)
  extra('connection', 'connection', 'close'),
  extra('transfer-encoding', 'transfer-encoding', 'chunked'),
  extra('upgrade', 'upgrade', 'h2c'),
  extra('keep-alive', 'keep-alive', 'timeout=5'),
  extra('proxy-connection', 'proxy-connection', 'close'),
  extra('te other than trailers', 'te', 'gzip'),
  extra('a name in upper case', 'X-User-Id', 'mallory'),

  // Lengths
  posted('two content-length', ['content-length', '1', 'content-length', '1'], data('a')),
  posted('a content-length with a sign', ['content-length', '+1'], data('a')),
  { ...posted('a body shorter than content-length', ['content-length', '5'], data('a')), isBegun: true },
  {
    ...posted('a body longer than content-length', ['content-length', '1'], data('aaa')),
    comesTo: 'end',
    isBegun: true,
  },
  head('a content-length and no body', 'reset', { ':method': 'POST' }, ['content-length', '5']),
  { ...posted('trailers with a pseudo-header field', [], data('a', 0), headers([':path', '/'])), isBegun: true },
  {
    ...posted('trailers that do not end', [], data('a', 0), headers(['x-a', '1'], flags.endHeaders)),
    isBegun: true,
  },

  // Credentials and expectations
  head('two authorization', 400, {}, ['authorization', 'Bearer a', 'authorization', 'Bearer b']),
  head('an unknown expectation', 417, {}, ['expect', 'miracles']),

  // Limits
  head('more fields than one request has', 431, {}, many(300, (at) => [`x-${at}`, '1']).flat()),
  head('more fields than are worth an answer', 'reset', {}, many(600, (at) => [`x-${at}`, '1']).flat()),
  frames(
    'a head over the limit',
    431,
    headers(fields({}, ['x-a', 'a'.repeat(16_000)]), flags.endStream),
    frame('continuation', { flag: flags.endHeaders, stream: 1, payload: fieldBlock(['x-b', 'b'.repeat(16_000)]) }),
  ),
  frames(
    'CONTINUATION without end (CVE-2024-28182)',
    'end',
    headers(fields(), flags.endStream),
    ...many(2_000, () => frame('continuation', { stream: 1, payload: fieldBlock(['x-a', '1']) })),
  ),
  {
    ...frames(
      'rapid reset (CVE-2023-44487)',
      'end',
      ...many(3_000, (at) => [
        frame('headers', {
          flag: flags.endHeaders | flags.endStream,
          stream: 2 * at + 1,
          payload: fieldBlock(fields({ ':path': '/own/silent' })),
        }),
        frame('reset', { stream: 2 * at + 1, payload: Buffer.from([0, 0, 0, 8]) }),
      ]).flat(),
    ),
    isBegun: true,
  },
  {
    ...frames(
      'more requests at once than are allowed, again and again',
      'end',
      ...many(400, (at) =>
        frame('headers', {
          flag: flags.endHeaders,
          stream: 2 * at + 1,
          payload: fieldBlock(fields({ ':method': 'POST' })),
        }),
      ),
    ),
    isBegun: true,
  },
  frames('a flood of pings (CVE-2019-9512)', 'end', ...many(20_000, () => frame('ping', { payload: Buffer.alloc(8) }))),
  frames('a flood of settings (CVE-2019-9515)', 'end', ...many(20_000, () => frame('settings'))),
  {
    ...frames(
      'a flood of empty bodies (CVE-2019-9518)',
      'end',
      headers(fields({ ':method': 'POST' }), flags.endHeaders),
      ...many(20_000, () => data('', 0)),
    ),
    isBegun: true,
  },
  frames('settings of more entries than there are', 'end', frame('settings', { payload: Buffer.alloc(6 * 100) })),

  // Frames (RFC 9113, sections 4 and 6)
  frames('a body on the connection itself', 'end', frame('data', { payload: Buffer.from('x') })),
  frames('a body of a stream that is not open', 'end', frame('data', { stream: 3, payload: Buffer.from('x') })),
  frames('a stream of an even number', 'end', frame('headers', { flag: 5, stream: 2, payload: fieldBlock(fields()) })),
  frames('a head on the connection itself', 'end', frame('headers', { flag: 5, payload: fieldBlock(fields()) })),
  frames(
    'a head that HPACK cannot read',
    'end',
    frame('headers', { flag: 5, stream: 1, payload: Buffer.alloc(4, 255) }),
  ),
  frames(
    'a push from the client',
    'end',
    frame('push', { flag: 4, stream: 1, payload: Buffer.concat([Buffer.from([0, 0, 0, 2]), fieldBlock(fields())]) }),
  ),
  frames(
    'a CONTINUATION of nothing',
    'end',
    frame('continuation', { flag: 4, stream: 1, payload: fieldBlock(fields()) }),
  ),
  frames(
    'another frame in the middle of a head',
    'end',
    headers(fields(), flags.endStream),
    frame('ping', { payload: Buffer.alloc(8) }),
  ),
  frames('a frame over the limit', 'end', frame('data', { stream: 1, payload: Buffer.alloc(20_000) })),
  frames('a ping of seven bytes', 'end', frame('ping', { payload: Buffer.alloc(7) })),
  frames('a window that is opened by nothing', 'end', frame('window', { payload: Buffer.alloc(4) })),
]
