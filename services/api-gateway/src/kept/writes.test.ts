import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { ask, okay, upstream } from './testing.ts'

test('a request with its body is one write, and one that has none where one is expected says so', async () => {
  const pieces: string[] = []
  await using up = await upstream((socket, bytes) => {
    pieces.push(bytes)
    socket.write(okay('taken'))
  })
  const body = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code))
  await ask(up, '/', 'POST', body).ended
  await ask(up, '/', 'PATCH').ended
  await ask(up, '/', 'PUT', '').ended
  const head = `host: 127.0.0.1:${up.sockets[0]?.localPort}\r\nconnection: keep-alive\r\nx-first: 1\r\n`
  const ours = 'x-second: caf\u00e9\r\n'
  assert.deepEqual(pieces, [
    `POST / HTTP/1.1\r\n${head}Content-Length: 256\r\n${ours}\r\n${body}`,
    `PATCH / HTTP/1.1\r\n${head}${ours}content-length: 0\r\n\r\n`,
    `PUT / HTTP/1.1\r\n${head}Content-Length: 0\r\n${ours}\r\n`,
  ])
  assert.equal(up.sockets.length, 1)
  await up.kept.close()
})

test('what may not be sent twice goes on no connection that was idle for long', async () => {
  const answer = (socket: Socket): void => void socket.write(okay('taken'))
  // However long it was is too long here.
  await using up = await upstream(answer, { idleBeforeWriteMs: 0 })
  for (const [method, connections] of [
    ['POST', 1],
    ['PUT', 2],
    ['PATCH', 3],
    ['GET', 3],
    ['DELETE', 3],
  ] as const) {
    await ask(up, '/', method).ended
    assert.equal(up.sockets.length, connections, method)
  }
  await up.kept.close()
})

test('a write is not sent on a connection whose other side has closed', async () => {
  await using up = await upstream((socket) => socket.write(okay('taken')))
  await ask(up, '/', 'POST', 'one').ended
  up.sockets[0]?.end()
  await waitFor(() => up.sockets[0]?.closed === true, { what: 'both sides to be closed' })
  assert.equal(await ask(up, '/', 'POST', 'two').ended, 'taken')
  assert.deepEqual([up.sockets.length, up.raced], [2, []])
  await up.kept.close()
})

test('an answer that comes before all of the request has left ends the connection', async () => {
  await using up = await upstream((socket) => {
    socket.pause()
    socket.write(okay('early'))
  })
  assert.equal(await ask(up, '/', 'POST', 'x'.repeat(30_000_000)).ended, 'early')
  assert.equal(await ask(up).ended, 'early')
  assert.equal(up.sockets.length, 2)
  await up.kept.close()
})

for (const [how, close] of [
  ['closed', (socket: Socket) => void socket.end()],
  ['reset', (socket: Socket) => void socket.resetAndDestroy()],
] as const) {
  test(`a write whose connection is ${how} before it was written goes on another one, once`, async () => {
    await using up = await upstream((socket) => socket.write(okay('taken')))
    await ask(up, '/', 'POST', 'one').ended
    const [first] = up.sockets
    assert.ok(first !== undefined)
    // Behind a turn: the next thing that happens is that what has come is read.
    await new Promise((resolve) => setImmediate(resolve))
    close(first)
    assert.equal(await ask(up, '/', 'POST', 'two').ended, 'taken')
    assert.deepEqual([up.sockets.length, up.raced], [2, []])
    assert.equal(up.heard().split('two').length - 1, 1)
    await up.kept.close()
  })
}

test('a write that is given up before its second connection is open is sent to nobody', async () => {
  await using up = await upstream((socket) => socket.write(okay('taken')))
  await ask(up, '/', 'POST', 'one').ended
  await new Promise((resolve) => setImmediate(resolve))
  up.sockets[0]?.end()
  const seen = ask(up, '/', 'POST', 'two')
  const given = seen.controller()
  // Behind the turn in which the first has ended, and before one in which the second can be open.
  await new Promise((resolve) => setImmediate(resolve))
  given.abort(new Error('enough'))
  await assert.rejects(seen.ended, { message: 'enough' })
  await up.kept.close()
  assert.ok(!up.heard().includes('two'))
})
