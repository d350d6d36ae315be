import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import type { Answering } from '../listener.ts'
import { clientOf, get, reader, say, serving, waiting } from './testing.ts'

test('who is not ready to read holds the writer back, and hears all of it later', async () => {
  const { serve, answer, closed } = waiting()
  await using server = await serving(serve)
  const client = clientOf(server)
  client.socket.pause()
  client.socket.write(get('/'))
  const res = await answer(0)
  const piece = Buffer.alloc(65_536, 'x')
  res.writeHead(200, ['content-length', String(piece.length * 1_000)])
  let written = 0
  const push = (): void => {
    while (written < 1_000) {
      written += 1
      if (!res.write(piece)) return res.once('drain', push) as undefined
    }
    res.end()
  }
  push()
  await waitFor(() => (res.socket?.writableLength ?? 0) > 0, { what: 'the writer to be held back' })
  assert.ok(written < 1_000)
  client.socket.resume()
  await waitFor(() => client.text().length > piece.length * 1_000, { what: 'all of it' })
  await waitFor(() => closed.length === 1, { what: 'the end' })
  assert.deepEqual([client.text().split('\r\n\r\n')[1]?.length, closed], [piece.length * 1_000, [true]])
})

for (const [what, serve, expected] of [
  ['text of a known length', (res) => say(res, 'tëxt'), /content-length: 5\r\n[^]*\r\n\r\nt\xc3\xabxt$/],
  [
    'nothing',
    (res) => void [res.writeHead(204, []), res.end()],
    /204 No Content\r\nDate: [^\r]*\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n$/,
  ],
  [
    'text of a length that is not known',
    (res) => void [res.writeHead(200, []), res.end('a\xe9', 'latin1')],
    /chunked\r\n\r\n2\r\na\xe9\r\n0\r\n\r\n$/,
  ],
  [
    'pieces',
    (res) => {
      res.writeHead(200, [])
      res.write(Buffer.from('0123456789'))
      res.write(Buffer.alloc(0))
      res.end(Buffer.from('abc'))
    },
    /chunked\r\n\r\na\r\n0123456789\r\n3\r\nabc\r\n0\r\n\r\n$/,
  ],
  [
    'a head that comes first',
    (res) => void [res.writeHead(200, []), res.flushHeaders(), res.end()],
    /chunked\r\n\r\n0\r\n\r\n$/,
  ],
  [
    'a date of its own',
    (res) => void [res.writeHead(304, ['date', 'then']), res.end('no body')],
    /304 Not Modified\r\ndate: then\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n$/,
  ],
] as const satisfies readonly (readonly [string, (res: Answering) => void, RegExp])[]) {
  test(`the lane answers as node:http does, and takes the next request: ${what}`, async () => {
    const answers: string[] = []
    for (const lane of [true, false]) {
      await using server = await serving((req, res) => (req.url === '/' ? serve(res) : reader(req, res)), { lane })
      const client = clientOf(server)
      client.socket.write(get('/'))
      const text = await client.heard(expected)
      client.socket.write(get('/next'))
      await client.heard(/\/next;$/)
      client.socket.destroy()
      answers.push(text.replace(/^Date: .*$/m, 'Date: now'))
    }
    assert.equal(answers[0], answers[1])
  })
}

test('an answer that says so closes the connection, and is heard whole', async () => {
  await using server = await serving((_req, res) => {
    res.writeHead(400, ['connection', 'close', 'content-length', '3'])
    res.end('bad')
  })
  const client = clientOf(server)
  client.socket.write(get('/'))
  assert.match(await client.ended(), /^HTTP\/1\.1 400 Bad Request\r\nconnection: close\r\n[^]*bad$/)
  assert.equal(client.end(), 'end')
})

test('an answer that is broken off ends in a reset', async () => {
  const { serve, answer, closed } = waiting()
  await using server = await serving(serve)
  const client = clientOf(server)
  client.socket.write(get('/'))
  const res = await answer(0)
  res.writeHead(200, ['content-length', '100'])
  res.write(Buffer.from('begun'))
  await client.heard(/begun$/)
  res.socket?.resetAndDestroy()
  res.destroy()
  await client.ended()
  assert.equal(client.end(), 'reset')
  await waitFor(() => closed.length === 1 && server.inFlight() === 0, { what: 'the end' })
})

test('a field that would be two is not written', async () => {
  const thrown: unknown[] = []
  await using server = await serving((_req, res) => {
    for (const field of [
      ['a', 'b\r\nc: d'],
      ['a\r\nb', 'c'],
      ['', 'a'],
      ['a', '\u0100'],
      ['a b', 'c'],
    ]) {
      try {
        res.writeHead(200, field)
      } catch (error) {
        thrown.push(error)
      }
    }
    say(res, 'fine')
  })
  const client = clientOf(server)
  client.socket.write(get('/'))
  await client.heard(/^HTTP\/1\.1 200 OK\r\ncontent-length: 4\r\n[^]*fine$/)
  assert.equal(thrown.length, 5)
})
