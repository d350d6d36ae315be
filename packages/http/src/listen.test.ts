import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { listen } from './listen.ts'

const options = { host: '127.0.0.1', port: 0, speaker: 'service', newRequestId: () => 'id' } as const

const answerTo = async (port: number, bytes: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.end(bytes)
  return read(socket)
}

const read = async (socket: Socket): Promise<string> => {
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  await once(socket, 'close')
  return text
}

test('what is not HTTP gets a problem and a closed connection', async () => {
  const server = await listen((_req, res) => res.end(), options)
  for (const [bytes, status] of [
    ['nonsense\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: a\r\nBad Header: 1\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
  ] as const) {
    const answer = await answerTo(server.port, bytes)
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
    assert.match(answer, /content-type: application\/problem\+json\r\n/)
    assert.match(answer, /connection: close\r\n/)
  }
  await server.drain(0)
})

test('garbage behind a request is not answered in the place of that request', async () => {
  const server = await listen(() => {}, options)
  const bytes = 'POST /logout HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nGARBAGE\r\n\r\n'
  assert.equal(await answerTo(server.port, bytes).catch((error: unknown) => (error instanceof Error ? '' : error)), '')
  await server.drain(0)
})

test('draining lets an answer that is under way finish, and tells its client not to return', async () => {
  let finish: ServerResponse | undefined
  const server = await listen((_req, res) => {
    finish = res
  }, options)
  const socket = connect(server.port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const text = read(socket)
  while (finish === undefined) await new Promise(setImmediate)
  const drained = server.drain(5_000)
  finish.end('done')
  assert.match(await text, /^Connection: close\r\n/im)
  assert.match(await text, /done$/)
  await drained
})

test('draining cuts what does not finish by its deadline', async () => {
  const server = await listen(() => {}, options)
  const socket = connect(server.port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const text = read(socket)
  await once(socket, 'connect')
  await server.drain(50)
  assert.equal(await text, '')
})

test('a port that is taken is an error at the start', async () => {
  const first = await listen(() => {}, options)
  await assert.rejects(
    listen(() => {}, { ...options, port: first.port }),
    { code: 'EADDRINUSE' },
  )
  await first.drain(0)
})
