import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Agent } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { issueCertificate } from '@gatehouse/testing/certificate.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { answerOf, ask, serving } from './testing.ts'

test('one listener hears both, in the same words', async () => {
  const heard: unknown[] = []
  await using server = await serving(async (req, res) => {
    const body = await text(req)
    const { host, cookie, 'transfer-encoding': coding } = req.headers
    const { remoteAddress } = req.socket
    heard.push([req.httpVersion, req.method, req.url, host, cookie, coding, body, req.complete, remoteAddress])
    heard.push('encrypted' in req.socket)
    res.writeHead(200, ['set-cookie', 'a=1', 'Set-Cookie', 'b=2', 'Connection', 'close', 'X-Once', '1'])
    res.end('answered')
  })
  const plain = await server.http1()
  assert.deepEqual(
    [plain.statusCode, plain.headers['set-cookie'], await text(plain)],
    [200, ['a=1', 'b=2'], 'answered'],
  )
  const stream = server.http2().request({ ':method': 'POST', ':path': '/x?y', cookie: ['a=1', 'b=2'] })
  stream.end('body')
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
  assert.deepEqual(
    [headers[':status'], headers['set-cookie'], headers['x-once'], headers['connection'], await text(stream)],
    [200, ['a=1', 'b=2'], '1', undefined, 'answered'],
  )
  const origin = `localhost:${server.port}`
  assert.deepEqual(heard, [
    ['1.1', 'GET', '/', origin, undefined, undefined, '', true, '127.0.0.1'],
    true,
    ['2', 'POST', '/x?y', origin, 'a=1; b=2', 'chunked', 'body', true, '127.0.0.1'],
    true,
  ])
})

test('a client that asks for no protocol gets HTTP/1.1, and none gets a TLS that is older than 1.2', async () => {
  await using server = await serving((req, res) => res.end(req.httpVersion))
  const socket = server.tls()
  await once(socket, 'secureConnect')
  assert.equal(socket.getProtocol(), 'TLSv1.3')
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  assert.match(await text(socket), /\r\n\r\n1\.1$/)
  const old = server.tls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
  const [error] = (await once(old, 'error')) as [NodeJS.ErrnoException]
  assert.match(error.code ?? '', /VERSION/)
})

test('plain HTTP is told that this is HTTPS, and noise is hung up on', async () => {
  await using server = await serving((_req, res) => res.end('answered'))
  const plain = connectTcp(server.port, '127.0.0.1')
  plain.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const answer = await text(plain)
  assert.match(answer, /^HTTP\/1\.1 400 /)
  assert.match(answer, /"detail":"This port speaks HTTPS\."/)
  for (let at = 0; at < 50; at += 1) {
    const noise = connectTcp(server.port, '127.0.0.1')
    noise.on('error', () => {}).resume()
    noise.write(Buffer.from([0x16, 3, 1, 0, 4, 0xff, 1, 0, 0]))
    await once(noise, 'close')
  }
  assert.equal(await text(await server.http1()), 'answered')
})

test('a handshake that dawdles is cut', async () => {
  await using server = await serving((_req, res) => res.end(), { tlsHandshakeTimeoutMs: 50 })
  const silent = connectTcp(server.port, '127.0.0.1')
  silent.on('error', () => {}).resume()
  await once(silent, 'close')
})

test('a new certificate is for new connections, and those that are there live on', async () => {
  await using server = await serving((_req, res) => res.end('answered'))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const session = server.http2()
  await answerOf(ask(session))
  const first = await server.http1(agent)
  await text(first)
  const renewed = issueCertificate()
  server.renew(renewed)
  const socket = server.tls({ ca: renewed.cert })
  await once(socket, 'secureConnect')
  assert.equal(socket.getPeerX509Certificate()?.fingerprint256, new X509Certificate(renewed.cert).fingerprint256)
  socket.destroy()
  assert.equal((await answerOf(ask(session))).body, 'answered')
  assert.equal(await text(await server.http1(agent)), 'answered')
  agent.destroy()
})

test('draining lets streams finish, opens none, and then closes', async () => {
  let answer: ServerResponse | undefined
  await using server = await serving((_req, res) => (answer = res))
  const session = server.http2()
  const stream = ask(session)
  await waitFor(() => answer !== undefined, { what: 'the request' })
  const drained = server.drain(5_000)
  await once(session, 'goaway')
  answer?.end('finished')
  assert.equal((await answerOf(stream)).body, 'finished')
  await drained
})

test('draining cuts what does not finish by its deadline', async () => {
  let isAsked = false
  await using server = await serving(() => (isAsked = true))
  const stream = ask(server.http2())
  await waitFor(() => isAsked, { what: 'the request' })
  const closed = once(stream, 'close')
  await server.drain(50)
  await closed
})
