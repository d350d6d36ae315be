import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { firstBodyBytes } from './first-bytes.ts'
import { limits } from './limits.ts'
import { networked, openTo, say, startGateway, startServer } from './testing.ts'

const head = 'POST /auth/x HTTP/1.1\r\nHost: gate.test\r\nConnection: close\r\n'

/** A service that says how long a body it was given, and how it came. */
const startService = async () => {
  const service = await startServer(async (req, res) => {
    const { length } = await text(req)
    res.end(`${req.headers['transfer-encoding'] ?? 'declared'} ${length}`)
  })
  let connections = 0
  service.server.on('connection', () => (connections += 1))
  return { ...service, connections: () => connections, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() }
}

const most = limits.wholeBodyBytesMax

for (const [what, message, bytes] of [
  ['that is small is waited for', { framing: 'length', contentLength: '5' }, 5],
  ['that is large is waited for', { framing: 'length', contentLength: '1000000' }, most],
  ['that does not say how long it is is waited for', { framing: 'chunked', contentLength: '' }, 1],
] as const) {
  test(`of a body ${what}: ${bytes} bytes`, () => assert.equal(firstBodyBytes(message), bytes))
}

test('a body that only drips opens no connection to a service; when enough of it is here, all of it is sent on', async () => {
  await using service = await startService()
  const auth = networked(service.url)
  await using gateway = await startGateway({ auth })
  const client = openTo(gateway.port)
  let drips = 0
  client.socket.setNoDelay(true).write(`${head}Content-Length: 100000\r\n\r\n`)
  for (; drips < 20; drips += 1) await new Promise((sent) => client.socket.write('x', sent))
  await waitFor(() => auth.state().underWay === 1, { what: 'its place at the service' })
  // Behind what was written before it, on a connection of its own: the other one has been read by now.
  await say(gateway.port, 'GET /nowhere HTTP/1.1\r\nHost: gate.test\r\n\r\n', (heard) => heard.includes('}'))
  assert.equal(service.connections(), 0)
  const heard = await client.ask('x'.repeat(100_000 - drips), (told) => told.endsWith('100000'))
  assert.match(heard, /declared 100000$/)
  assert.equal(service.connections(), 1)
})

test('a client that leaves while it drips has asked the service for nothing', async () => {
  await using service = await startService()
  const auth = networked(service.url)
  await using gateway = await startGateway({ auth })
  const { socket } = openTo(gateway.port)
  socket.write(`${head}Content-Length: 100000\r\n\r\nbegun`)
  await waitFor(() => auth.state().underWay === 1, { what: 'its place at the service' })
  socket.destroy()
  const { status, code, tries } = await gateway.observation(1)
  assert.deepEqual([status, code, tries], [499, 'client-left', undefined])
  assert.deepEqual([service.connections(), auth.state().underWay, auth.state().failures], [0, 0, 0])
})

test('a body in chunks goes on from its first byte', async () => {
  const begun = Promise.withResolvers<void>()
  await using service = await startServer((req, res) => {
    req.once('data', () => begun.resolve())
    req.once('end', () => res.end('whole'))
  })
  await using gateway = await startGateway({ auth: networked(service.url) })
  const client = openTo(gateway.port)
  client.socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`)
  await begun.promise
  assert.match(await client.ask('0\r\n\r\n', (told) => told.endsWith('0\r\n\r\n')), /whole/)
})

for (const [what, chunks, length] of [
  ['nothing', '', 0],
  ['one byte', '1\r\nx\r\n', 1],
  ['some pieces', '1\r\nx\r\n'.repeat(100), 100],
] as const) {
  for (const method of ['POST', 'DELETE', 'OPTIONS']) {
    test(`${method} with a body in chunks that are here at once, of ${what}, arrives`, async () => {
      await using service = await startService()
      await using gateway = await startGateway({ auth: networked(service.url) })
      const { socket } = openTo(gateway.port)
      socket.write(`${head.replace('POST', method)}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      assert.match(answer.toString(), new RegExp(`(?:chunked|declared) ${length}\\b`))
    })
  }
}
