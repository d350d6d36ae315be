import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { assertProperty } from '@gatehouse/testing/assert-property.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { adasToken, startGateway, startRawServer, type RunningGateway } from './testing.ts'

/** What the service answers, by the first segment behind the prefix. */
const answers: Readonly<Record<string, readonly string[]>> = {
  length: ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: s\r\nX-Own: \xe9\r\n\r\nhello'],
  chunked: ['HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'],
  pieces: ['HTTP/1.1 200 OK\r\nContent-Length: 6\r\nVary: a\r\n\r\nabc', 'def'],
  later: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '3\r\nabc\r\n', '0\r\n\r\n'],
  closing: ['HTTP/1.1 404 Not Found\r\nConnection: close, X-Own\r\nX-Own: a\r\nContent-Length: 1\r\n\r\nx'],
  nothing: ['HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'],
  unchanged: ['HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nDate: then\r\n\r\n'],
  cors: ['HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nX-Request-Id: theirs\r\nContent-Length: 2\r\n\r\nok'],
  nonsense: ['nonsense'],
}

/** What the gateway says itself on a route: it takes the place of what the service says. */
const cors = {
  origins: ['https://app.example.org'],
  methods: ['GET'],
  requestHeaders: [],
  exposedHeaders: [],
  credentials: true,
  maxAgeSeconds: 60,
} as const

/** A service that answers so, and keeps what it was sent. */
const startService = async () => {
  let heard: string[] = []
  const say = (socket: Socket, [piece = '', ...later]: readonly string[]): void => {
    socket.write(piece, 'latin1', () => {
      if (later.length > 0) setImmediate(say, socket, later)
    })
  }
  const server = await startRawServer((socket) => {
    socket.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1')
      heard.push(text)
      const [, kind = ''] = /^\w+ \/(?:own|members|shared|small)\/(\w+)/.exec(text) ?? []
      const given = answers[kind] ?? ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n']
      // A HEAD is told what there would be.
      say(socket, text.startsWith('HEAD') ? [`${given[0]?.split('\r\n\r\n')[0] ?? ''}\r\n\r\n`] : given)
    })
  })
  const taken = (): readonly string[] => {
    const all = heard
    heard = []
    return all
  }
  return { ...server, taken, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** Whether the answer to this request is whole. */
const isWhole = (text: string, method: string): boolean => {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  if (rest.length === 0) return false
  if (method === 'HEAD' || /^HTTP\/1\.1 (?:204|304)/.test(head)) return true
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? []
  return length === undefined ? text.endsWith('0\r\n\r\n') : rest.join('\r\n\r\n').length >= Number(length)
}

/** The answers to these requests, one after the other on one connection, for as long as it lasts. */
const ask = async ({ port }: RunningGateway, requests: readonly string[]): Promise<readonly string[]> => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let text = ''
  let ended = false
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.on('error', () => (ended = true))
  socket.on('close', () => (ended = true))
  const answered: string[] = []
  for (const bytes of requests) {
    if (ended || /^connection: close\r$/im.test(text)) break
    text = ''
    socket.write(bytes, 'latin1')
    const [method = ''] = bytes.split(' ')
    await waitFor(() => ended || isWhole(text, method), { what: `an answer to ${JSON.stringify(bytes)}` })
    answered.push(text.replaceAll(/^Date: .*$/gm, 'Date: now'))
  }
  socket.destroy()
  return answered
}

const fields = fc.array(
  fc.oneof(
    fc.constantFrom(
      'Connection: keep-alive',
      'Keep-Alive: timeout=5',
      'Accept-Encoding: gzip, br',
      'Cookie: a=b; c=d',
      `Authorization: Bearer ${adasToken}`,
      'Authorization: Bearer bad',
      'X-Request-Id: mine',
      'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'tracestate: a=b',
      'X-Forwarded-For: 192.0.2.1',
      'X_User_Id: mallory',
      'TE: trailers',
      'Host: b',
      'Origin: https://app.example.org',
      'Access-Control-Request-Method: PUT',
      'Content-Type: text/plain',
      'Range: bytes=0-1',
    ),
    fc
      .tuple(fc.stringMatching(/^[A-Za-z!#$%&'*+.^_`|~-]{1,12}$/), fc.stringMatching(/^[\t -~]{0,20}$/))
      .map(([name, value]) => `${name}: ${value}`),
  ),
  { maxLength: 12 },
)

const requestLines = fc
  .tuple(
    fc.constantFrom('GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH'),
    fc.constantFrom('/own', '/members', '/shared', '/small', '/nowhere', '/health'),
    fc.constantFrom(...Object.keys(answers), '.', '%2e', '%61', 'x//y'),
    fc.stringMatching(/^[\w.~!$&'()*+,;=:@/?%-]{0,20}$/),
  )
  .map(([method, prefix, kind, query]) => `${method} ${prefix}/${kind}?${query} HTTP/1.1`)

/** Every byte may be in one. Some methods tell of none. */
const bodies = fc.option(
  fc.oneof(
    fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes)),
    fc.constantFrom('', '{"a":1}', '\r\n\r\n', 'GET /own/length HTTP/1.1\r\nHost: a\r\n\r\n', '\xff'.repeat(9_000)),
  ),
  { nil: undefined },
)

/** Requests of one client: most of what it says is the same each time, and what was worked out of it is remembered. */
const conversations = fc
  .tuple(
    fc.array(fc.tuple(fields, bodies), { minLength: 1, maxLength: 2 }),
    fc.array(requestLines, { minLength: 1, maxLength: 4 }),
  )
  .map(([heads, lines]) =>
    heads.flatMap(([more, body]) =>
      lines.map((line) => {
        const told = line.startsWith('P') && body !== undefined ? [`Content-Length: ${body.length}`] : []
        const sent = told.length === 0 ? '' : body
        return `${[line, 'Host: gate.test', ...told, ...more].join('\r\n')}\r\n\r\n${sent}`
      }),
    ),
  )

test('with the lane or without, the service is sent the same bytes, and so is the client', async () => {
  await using service = await startService()
  const ownRoutes = [
    { prefix: '/own', upstreams: [service.url], access: 'public' },
    { prefix: '/members', upstreams: [service.url], access: 'required' },
    { prefix: '/shared', upstreams: [service.url], access: 'public', cors },
    { prefix: '/small', upstreams: [service.url], access: 'public', bodyBytesMax: 7 },
  ] as const
  await using fast = await startGateway({ ownRoutes })
  await using slow = await startGateway({ ownRoutes, lane: false })
  let forwarded = 0
  await assertProperty(
    'lane-twins',
    fc.asyncProperty(conversations, async (requests) => {
      const said = await ask(fast, requests)
      const sent = service.taken()
      const expected = await ask(slow, requests)
      assert.deepEqual([said, sent], [expected, service.taken()])
      forwarded += sent.length
    }),
    { numRuns: 400 },
  )
  assert.ok(forwarded > 50, `${forwarded} requests reached the service`)
  await waitFor(() => fast.observed.length === slow.observed.length, { what: 'the last word in the log' })
  const told = ({ observed }: RunningGateway) =>
    observed.map(({ code, status, route, tries }) => [code, status, route, tries])
  assert.deepEqual(told(fast), told(slow))
})
