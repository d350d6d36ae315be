import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { heard } from '@gatehouse/testing/heard.ts'
import { limits } from './limits.ts'
import { listen } from './listen.ts'

const options = { host: '127.0.0.1', port: 0, speaker: 'gateway', newRequestId: () => 'id' } as const

const begin = (port: number, length = 1_000_000): Socket => {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\nx`)
  return socket
}

const reading = (req: IncomingMessage): void => void req.resume()

test('a body that stops, or comes in drips, is answered 408, and its listener is told at once', async () => {
  let closed = 0
  const brief = { ...limits, bodyGraceMs: 500, bodyBytesPerSecondMin: 1_000, lingerMs: 60_000 }
  const server = await listen(
    (req, res) => {
      reading(req)
      res.on('close', () => (closed += 1))
    },
    { ...options, limits: brief },
  )
  const [silent, dripping] = [begin(server.port), begin(server.port)]
  const drip = setInterval(() => dripping.write('x'), 20)
  for (const text of await Promise.all([silent, dripping].map(heard))) {
    assert.match(text, /^HTTP\/1\.1 408 [^]*connection: close\r\n[^]*"code":"request-timeout"/)
  }
  clearInterval(drip)
  assert.equal(closed, 2)
  await server.drain(0)
})

test('a body that comes steadily is waited for, and so is one that nobody reads', async () => {
  const held: IncomingMessage[] = []
  const brief = { ...limits, bodyGraceMs: 500, bodyBytesPerSecondMin: 1_000 }
  const server = await listen(
    (req, res) => {
      if (req.url === '/read') reading(req)
      else held.push(req)
      req.on('end', () => res.end('whole'))
    },
    { ...options, limits: brief },
  )
  const unread = begin(server.port, 3)
  const steady = connect(server.port, '127.0.0.1')
  steady.write('POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\nConnection: close\r\n\r\n')
  let sent = 0
  const stream = setInterval(() => {
    sent += 200
    steady.write('x'.repeat(200))
    if (sent === 10_000) clearInterval(stream)
  }, 40)
  assert.match(await heard(steady), /whole/)
  for (const req of held) reading(req)
  unread.write('xx')
  unread.end()
  await server.drain(1_000)
})

test('when there are too many at once, the slowest are cut and the others go on', async () => {
  const few = { ...limits, uploadsMax: 3 }
  const server = await listen((req) => reading(req), { ...options, limits: few })
  const quick = [begin(server.port), begin(server.port), begin(server.port)]
  const streams = quick.map((socket) => setInterval(() => socket.write('x'.repeat(100)), 20))
  const slow = [begin(server.port), begin(server.port)]
  for (const text of await Promise.all(slow.map(heard))) assert.match(text, /^HTTP\/1\.1 408 /)
  assert.deepEqual(
    quick.map(({ readableEnded }) => readableEnded),
    [false, false, false],
  )
  for (const stream of streams) clearInterval(stream)
  for (const socket of quick) socket.destroy()
  await server.drain(0)
})
