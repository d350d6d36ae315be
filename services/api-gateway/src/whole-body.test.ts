import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { limits } from './limits.ts'
import { networked, say, startGateway, startRawServer } from './testing.ts'
import { wholeBodyBytes } from './whole-body.ts'

const head = 'POST /auth/x HTTP/1.1\r\nHost: gate.test\r\n'

/** A service that keeps what it was sent, each piece by itself, and answers each request head. */
const startService = async (connected: (socket: Socket) => void = () => {}) => {
  const pieces: string[] = []
  const server = await startRawServer((socket) => {
    connected(socket)
    socket.on('data', (bytes: Buffer) => {
      pieces.push(bytes.toString('latin1'))
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntaken')
    })
  })
  return { ...server, pieces, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const most = limits.wholeBodyBytesMax

for (const [what, changed, bytes] of [
  ['of one byte', { contentLength: '1' }, 1],
  ['of the most', { contentLength: String(most) }, most],
  ['of one byte more', { contentLength: String(most + 1) }, 0],
  ['of nothing', { contentLength: '0', framing: 'none' }, 0],
  ['with noughts before its length', { contentLength: '05' }, 0],
  ['with a sign before its length', { contentLength: '+5' }, 0],
  ['of more digits than are counted', { contentLength: '1'.repeat(15) }, 0],
  ['in chunks', { contentLength: '', framing: 'chunked' }, 0],
  ['that waits for leave', { expectation: '100-continue' }, 0],
  ['where none is expected', { method: 'DELETE' }, 0],
] as const) {
  test(`a body ${what} is ${bytes > 0 ? '' : 'not '}waited for`, () => {
    const message = { method: 'POST', framing: 'length', contentLength: '5', expectation: undefined, ...changed }
    // Of a message no more is looked at.
    assert.equal(wholeBodyBytes(message as unknown as Parameters<typeof wholeBodyBytes>[0]), bytes)
  })
}

test('a small body leaves in one piece with its head, every byte as it came, however many pieces it came in', async () => {
  await using service = await startService()
  await using gateway = await startGateway({ auth: networked(service.url) })
  const body = Buffer.from(Array.from({ length: 256 }, (_, code) => code)).toString('latin1')
  for (const pieces of [[body], Array.from(body)]) {
    const client = connect({ port: gateway.port, host: '127.0.0.1', noDelay: true })
    let heard = ''
    client.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1')))
    client.write(`${head}Content-Length: 256\r\n\r\n`)
    for (const piece of pieces) await new Promise((sent) => client.write(piece, 'latin1', sent))
    await waitFor(() => heard.endsWith('taken'), { what: 'the answer' })
    client.destroy()
  }
  assert.equal(service.pieces.length, 2)
  for (const piece of service.pieces) {
    assert.match(piece, /^POST \/auth\/x HTTP\/1\.1\r\n/)
    assert.equal(piece.slice(piece.indexOf('\r\n\r\n') + 4), body)
  }
})

test('a client that leaves before all of a small body was there has asked the service for nothing', async () => {
  let connections = 0
  await using service = await startService(() => (connections += 1))
  const auth = networked(service.url)
  await using gateway = await startGateway({ auth })
  const client = connect({ port: gateway.port, host: '127.0.0.1' })
  client.write(`${head}Content-Length: 6\r\n\r\nbegun`)
  await waitFor(() => auth.state().underWay === 1, { what: 'its place at the service' })
  client.destroy()
  const { status, code, tries } = await gateway.observation(1)
  assert.deepEqual([status, code, tries], [499, 'client-left', undefined])
  assert.deepEqual([connections, auth.state().underWay, auth.state().failures], [0, 0, 0])
})

test('a small body that is not here by the deadline: 408, and the service has heard of nothing', async () => {
  let connections = 0
  await using service = await startService(() => (connections += 1))
  const auth = networked(service.url, { deadlineMs: 100 })
  await using gateway = await startGateway({ auth })
  const { text, end } = await say(gateway.port, `${head}Content-Length: 6\r\n\r\nbegun`)
  assert.match(text, /^HTTP\/1\.1 408 [^]*connection: close[^]*"code":"request-timeout"/i)
  assert.equal(end, 'end')
  const { failures, circuit, underWay } = auth.state()
  assert.deepEqual([connections, failures, circuit, underWay], [0, 0, 'closed', 0])
})

test('a route that goes while a small body is still coming serves it all the same', async () => {
  await using service = await startService()
  await using gateway = await startGateway({
    ownRoutes: [{ prefix: '/own', upstreams: [service.url], access: 'public' }],
  })
  const client = connect({ port: gateway.port, host: '127.0.0.1', noDelay: true })
  client.write('POST /own HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 5\r\n\r\nhe')
  // Behind what was written before it, on a connection of its own: the other one has been read by now.
  await say(gateway.port, 'GET /nowhere HTTP/1.1\r\nHost: gate.test\r\n\r\n', (text) => text.includes('}'))
  await gateway.change()
  client.write('llo')
  const [answer] = (await once(client, 'data')) as [Buffer]
  assert.match(answer.toString(), /taken$/)
  assert.match(service.pieces.join(''), /hello$/)
  client.destroy()
})
