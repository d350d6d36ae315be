import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { limits } from './limits.ts'
import { listen } from './listen.ts'

const options = { host: '127.0.0.1', port: 0, speaker: 'gateway', newRequestId: () => 'id' } as const

/** A client that reads nothing of what it asks for. */
const deaf = (port: number, version = '1.1'): Socket => {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.pause().write(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`)
  return socket
}

/** More than the kernel takes for a client that does not read. */
const much = Buffer.alloc(30_000_000)

test('an answer that its client does not take is cut, also when all of it has been given', async () => {
  const closed: string[] = []
  const brief = { ...limits, answerStallMs: 500, answerHaltMs: 60_000 }
  const server = await listen(
    (req, res) => {
      res.once('close', () => closed.push(req.httpVersion))
      if (req.httpVersion === '1.1') res.end(much)
      else res.write(much)
    },
    { ...options, limits: brief },
  )
  const [whole, begun] = [deaf(server.port), deaf(server.port, '1.0')]
  await waitFor(() => closed.length === 2, { what: 'the end of both' })
  // To a client of HTTP/1.0 an orderly end would say that this was all.
  const [error] = (await once(begun.resume(), 'error')) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNRESET')
  whole.destroy()
  await server.drain(0)
})

test('a client that takes its answer slowly gets all of it', async () => {
  const brief = { ...limits, answerStallMs: 1_000, answersHaltedMax: 0, answerHaltMs: 1_000 }
  const server = await listen((_req, res) => void res.writeHead(200, { connection: 'close' }).end(much), {
    ...options,
    limits: brief,
  })
  const socket = deaf(server.port)
  let bytes = 0
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
  const reading = setInterval(() => {
    socket.resume()
    setImmediate(() => socket.pause())
  }, 5)
  await once(socket, 'close')
  clearInterval(reading)
  assert.ok(bytes > much.length, `${bytes} bytes`)
  await server.drain(0)
})

test('of too many answers that are not taken the longest are cut, and one that only waits for its service is not', async () => {
  const open = new Set<ServerResponse>()
  const brief = { ...limits, answersHaltedMax: 2, answerHaltMs: 250 }
  const server = await listen(
    (req, res) => {
      open.add(res)
      res.once('close', () => open.delete(res))
      if (req.url === '/silent') res.flushHeaders()
      else res.write(much)
    },
    { ...options, limits: brief },
  )
  const silent = connect(server.port, '127.0.0.1')
  silent.write('GET /silent HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(silent, 'data')
  const clients = Array.from({ length: 5 }, () => deaf(server.port))
  await waitFor(() => open.size === 6, { what: 'all of them' })
  await waitFor(() => open.size === 3, { what: 'the end of three' })
  assert.ok([...open].some(({ req }) => req.url === '/silent'))
  for (const socket of [silent, ...clients]) socket.destroy()
  await server.drain(0)
})
