import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { Answered } from '@gatehouse/observe/answered.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import type { Access } from '../routes.ts'
import { echo, ways, type Echo } from '../testing-ways.ts'
import { ada, adasToken, get, say, saying, startGateway, startServer } from '../testing.ts'
import { valuesOf } from './handshake.ts'
import { closed, handshakeFields, key, shake, startSwitchingServer, switching } from './testing.ts'

const route = (url: string, access: Access = 'required') =>
  [{ prefix: '/live', upstreams: [url], access, stripPrefix: false }] as const
const appOnly = {
  origins: ['https://app.example'],
  methods: ['GET'],
  requestHeaders: [],
  exposedHeaders: [],
  credentials: true,
  maxAgeSeconds: 600,
}
const problemIn = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>

test('a WebSocket is opened: the handshake goes through and nothing else of the connection', async () => {
  await using upstream = await startSwitchingServer((req) => switching(req, 'Sec-WebSocket-Protocol: chat', 'X-Own: 1'))
  await using gateway = await startGateway({ ownRoutes: route(upstream.url, 'public') })
  const more = ['Connection: keep-alive', 'Keep-Alive: 5', 'X-User-Id: me', 'Sec-WebSocket-Protocol: chat, more']
  const { status, head, socket } = await shake(gateway, '/live/x?y=1', { more: [...more, 'X-Request-Id: r-1'] })
  socket.destroy()
  assert.equal(status, 101)
  const fields = head
    .split('\r\n')
    .slice(1)
    .filter((line) => !line.startsWith('Date: '))
  assert.deepEqual(fields.toSorted(), [
    'Connection: Upgrade',
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    'Sec-WebSocket-Protocol: chat',
    'Upgrade: websocket',
    'X-Own: 1',
    'x-request-id: r-1',
  ])
  const [req] = upstream.requests
  assert.equal(req?.url, '/live/x?y=1')
  const told = (name: string) => valuesOf(req?.rawHeaders ?? [], name)
  assert.deepEqual([told('connection'), told('upgrade')], [['upgrade'], ['websocket']])
  assert.deepEqual([told('sec-websocket-key'), told('sec-websocket-version')], [[key], ['13']])
  assert.deepEqual([told('sec-websocket-protocol'), told('x-request-id')], [['chat, more'], ['r-1']])
  assert.deepEqual([told('keep-alive'), told('x-user-id'), told('x-forwarded-for')], [[], [], ['127.0.0.1']])
})

test('without a token where one is required, the answer is a plain 401 and the service hears nothing', async () => {
  await using upstream = await startSwitchingServer()
  await using gateway = await startGateway({ ownRoutes: route(upstream.url) })
  const { status, head, heard, socket, ended } = await shake(gateway, '/live')
  assert.equal(status, 401)
  assert.match(head, /^www-authenticate: Bearer/im)
  assert.match(head, /^connection: close/im)
  await waitFor(() => ended() !== undefined, { what: 'the end' })
  assert.equal(problemIn(heard().toString())['code'], 'token-missing')
  socket.destroy()
  assert.equal(upstream.requests.length, 0)
})

for (const [how, more, protocols, chosen] of [
  ['in Authorization', [`Authorization: Bearer ${adasToken}`], [], undefined],
  ['as a subprotocol', [`Sec-WebSocket-Protocol: gatehouse.bearer, ${adasToken}`], [], 'gatehouse.bearer'],
  [
    'behind others',
    [`Sec-WebSocket-Protocol: chat, gatehouse.bearer, ${adasToken}, b`],
    ['chat, b'],
    'gatehouse.bearer',
  ],
  [
    'in two fields',
    ['Sec-WebSocket-Protocol: gatehouse.bearer', `Sec-WebSocket-Protocol: ${adasToken}`, 'Sec-WebSocket-Protocol: b'],
    ['b'],
    'gatehouse.bearer',
  ],
] as const) {
  test(`a token ${how} introduces the caller, and is told as a bearer alone`, async () => {
    await using upstream = await startSwitchingServer()
    await using gateway = await startGateway({ ownRoutes: route(upstream.url) })
    const { status, head, socket } = await shake(gateway, '/live', { more })
    socket.destroy()
    assert.equal(status, 101)
    assert.equal(/^Sec-WebSocket-Protocol: (.*)$/m.exec(head)?.[1], chosen)
    const { rawHeaders = [] } = upstream.requests[0] ?? {}
    assert.deepEqual(valuesOf(rawHeaders, 'x-user-id'), [ada.userId])
    assert.deepEqual(valuesOf(rawHeaders, 'x-session-id'), [ada.sessionId])
    assert.deepEqual(valuesOf(rawHeaders, 'authorization'), [`Bearer ${adasToken}`])
    assert.deepEqual(valuesOf(rawHeaders, 'sec-websocket-protocol'), protocols)
  })
}

test("a service's choice among the subprotocols is the answer, token or not", async () => {
  await using upstream = await startSwitchingServer((req) => switching(req, 'Sec-WebSocket-Protocol: chat'))
  await using gateway = await startGateway({ ownRoutes: route(upstream.url) })
  const more = [`Sec-WebSocket-Protocol: chat, gatehouse.bearer, ${adasToken}`]
  const { head, socket } = await shake(gateway, '/live', { more })
  socket.destroy()
  assert.deepEqual(head.match(/^Sec-WebSocket-Protocol: .*$/gm), ['Sec-WebSocket-Protocol: chat'])
})

const without = (name: string) => handshakeFields.filter((field) => !field.startsWith(name))
for (const [what, fields, status, code] of [
  [
    'two tokens',
    [
      ...handshakeFields,
      `Authorization: Bearer ${adasToken}`,
      `Sec-WebSocket-Protocol: gatehouse.bearer, ${adasToken}`,
    ],
    400,
    'duplicate-authorization',
  ],
  ['a marker without a token', [...handshakeFields, 'Sec-WebSocket-Protocol: gatehouse.bearer'], 401, 'token-missing'],
  ['no version', without('Sec-WebSocket-Version'), 426, 'websocket-version'],
  ['another version', [...without('Sec-WebSocket-Version'), 'Sec-WebSocket-Version: 8'], 426, 'websocket-version'],
  ['two versions', [...handshakeFields, 'Sec-WebSocket-Version: 13'], 426, 'websocket-version'],
  ['no key', without('Sec-WebSocket-Key'), 400, 'malformed-request'],
  ['a short key', [...without('Sec-WebSocket-Key'), 'Sec-WebSocket-Key: AAAA'], 400, 'malformed-request'],
  ['two keys', [...handshakeFields, `Sec-WebSocket-Key: ${key}`], 400, 'malformed-request'],
] as const) {
  test(`a handshake with ${what} is refused before the service hears of it`, async () => {
    await using upstream = await startSwitchingServer()
    await using gateway = await startGateway({ ownRoutes: route(upstream.url) })
    const { text } = await say(gateway.port, `GET /live HTTP/1.1\r\nHost: a\r\n${fields.join('\r\n')}\r\n\r\n`)
    const [head = '', body = ''] = text.split('\r\n\r\n')
    assert.equal(Number(head.slice(9, 12)), status)
    assert.equal(problemIn(body)['code'], code)
    if (status === 426) {
      assert.match(head, /^sec-websocket-version: 13$/im)
      assert.match(head, /^upgrade: websocket$/im)
    }
    assert.equal(upstream.requests.length, 0)
  })
}

for (const [what, origin, status] of [
  ['that may read', ['Origin: https://app.example'], 101],
  ['of its own', ['Origin: http://gate.test'], 101],
  ['that is no browser', [], 101],
  ['that may not read', ['Origin: https://evil.example'], 403],
  ['without an origin of its own', ['Origin: null'], 403],
  ['of the same name under another scheme', ['Origin: https://gate.test'], 403],
  ['of two origins', ['Origin: https://app.example', 'Origin: https://evil.example'], 403],
] as const) {
  test(`where a route has a CORS rule, a page ${what} is answered with ${status}`, async () => {
    await using upstream = await startSwitchingServer()
    const [live] = route(upstream.url, 'public')
    await using gateway = await startGateway({ ownRoutes: [{ ...live, cors: appOnly }] })
    const { status: answered, socket } = await shake(gateway, '/live', { more: origin })
    socket.destroy()
    assert.deepEqual([answered, upstream.requests.length], [status, status === 101 ? 1 : 0])
  })
}

for (const [what, start, fields, httpVersion = '1.1'] of [
  ['to another protocol', 'GET', ['Connection: Upgrade', 'Upgrade: h2c']],
  ['to a choice of protocols', 'GET', ['Connection: Upgrade', 'Upgrade: websocket, h2c']],
  ['to WebSocket twice', 'GET', [...handshakeFields, 'Upgrade: websocket']],
  ['by another method', 'POST', [...handshakeFields, 'Content-Length: 0']],
  ['with a body', 'GET', [...handshakeFields, 'Content-Length: 2']],
  ['in HTTP/1.0', 'GET', handshakeFields, '1.0'],
  ['that Connection does not name', 'GET', handshakeFields.slice(1)],
] as const) {
  test(`an upgrade ${what} is ignored, and the request served without it`, async () => {
    await using upstream = await startServer(echo)
    await using gateway = await startGateway({ ownRoutes: route(upstream.url, 'public') })
    const body = fields.some((field) => field === 'Content-Length: 2') ? 'hi' : ''
    const bytes = `${start} /live HTTP/${httpVersion}\r\nHost: a\r\n${fields.join('\r\n')}\r\n\r\n${body}`
    const { text } = await say(gateway.port, bytes, (heard) => heard.endsWith('}'))
    const [head = '', heard = ''] = text.split('\r\n\r\n')
    assert.match(head, /^HTTP\/1\.1 200 /)
    const told = JSON.parse(heard) as Echo
    assert.deepEqual([told.body, told.headers['upgrade']], [body, undefined])
    assert.ok(!told.headers['connection']?.toLowerCase().includes('upgrade'))
  })
}

test('behind a request that has no answer yet, an upgrade is ignored: its answer would be taken for the first', async () => {
  const first = Promise.withResolvers<() => void>()
  await using upstream = await startServer((req, res) => {
    if (req.url === '/live/1') first.resolve(() => res.end('first'))
    else res.end('second')
  })
  await using gateway = await startGateway({ ownRoutes: route(upstream.url, 'public') })
  const bytes = `${get('/live/1')}GET /live/2 HTTP/1.1\r\nHost: a\r\n${handshakeFields.join('\r\n')}\r\n\r\n`
  const answers = say(gateway.port, bytes, (text) => text.includes('second'))
  const finish = await first.promise
  finish()
  const { text } = await answers
  assert.ok(text.indexOf('first') < text.indexOf('second'))
})

const upgraded = 'Connection: Upgrade\r\nUpgrade: websocket'
const proved = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='
for (const [what, fields] of [
  ['of another key', `${upgraded}\r\nSec-WebSocket-Accept: wrong=`],
  ['without a proof', upgraded],
  ['to another protocol', `Connection: Upgrade\r\nUpgrade: h2c\r\n${proved}`],
  ['that names no protocol', proved],
  ['with a subprotocol that nobody offered', `${upgraded}\r\n${proved}\r\nSec-WebSocket-Protocol: odd`],
  ['with our own subprotocol', `${upgraded}\r\n${proved}\r\nSec-WebSocket-Protocol: gatehouse.bearer`],
] as const) {
  test(`a 101 ${what} is nonsense`, async () => {
    await using upstream = await saying(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n\r\nGARBAGE`, 'wait')
    await using gateway = await startGateway({ ownRoutes: route(upstream.url) })
    const { status, head, socket } = await shake(gateway, '/live', {
      more: [`Sec-WebSocket-Protocol: gatehouse.bearer, ${adasToken}`],
    })
    socket.destroy()
    assert.equal(status, 502, head)
    assert.equal((await gateway.observation(1)).code, 'upstream-failed')
  })
}

test('a service that says no is heard in its own words', async () => {
  await using upstream = await startServer(
    (_req, res) => void res.writeHead(403, { 'x-own': '1', 'content-length': '7' }).end('not you'),
  )
  await using gateway = await startGateway({ ownRoutes: route(upstream.url, 'public') })
  const { status, head, heard, ended } = await shake(gateway, '/live')
  await waitFor(() => ended() === 'end', { what: 'the end' })
  assert.deepEqual([status, heard().toString()], [403, 'not you'])
  assert.match(head, /^x-own: 1$/m)
})

for (const [way, served] of ways) {
  test(`${way}: a service that knows no upgrades serves the request as any other`, async () => {
    const answers: string[] = []
    await using service = await served((req, res) => {
      answers.push(req.url ?? '')
      res.writeHead(404, { 'content-length': '6' }).end('no way')
    })
    const { status, heard, ended } = await shake(service.gateway, '/auth/live')
    await waitFor(() => ended() === 'end', { what: 'the end' })
    assert.deepEqual([status, heard().toString(), answers], [404, 'no way', ['/auth/live']])
    const { status: told }: Answered = await service.gateway.observation(1)
    assert.equal(told, 404)
  })

  test(`${way}: a long answer to a handshake waits for its reader and arrives whole`, async () => {
    const size = 8 * 1024 * 1024
    await using service = await served((_req, res) => void res.end(Buffer.alloc(size)))
    const { heard, ended } = await shake(service.gateway, '/auth/live')
    await waitFor(() => ended() === 'end', { what: 'the end' })
    assert.equal(heard().length, size)
  })
}

for (const how of ['hangs up', 'breaks off'] as const) {
  test(`a client that ${how} while the service thinks takes its handshake along`, async () => {
    const arrived = Promise.withResolvers<IncomingMessage>()
    await using upstream = await startServer((req) => arrived.resolve(req))
    await using gateway = await startGateway({ ownRoutes: route(upstream.url, 'public') })
    const socket = connect(gateway.port, '127.0.0.1')
    socket.write(`GET /live HTTP/1.1\r\nHost: a\r\n${handshakeFields.join('\r\n')}\r\n\r\n`)
    const req = await arrived.promise
    if (how === 'hangs up') socket.end()
    else socket.resetAndDestroy()
    await closed(req.socket)
    assert.deepEqual((await gateway.observation(1)).code, 'client-left')
    assert.equal(gateway.webSockets(), 0)
  })
}
