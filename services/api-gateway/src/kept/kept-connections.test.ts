import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { fieldBlock } from '../field-block.ts'
import { keptConnections, type Sent } from './kept-connections.ts'
import { ask, limits, okay, upstream } from './testing.ts'

test('a request is sent as it is told, and the next one goes on the same connection', async () => {
  await using up = await upstream((socket, bytes) => socket.write(okay(bytes.split(' ')[1] ?? '')))
  assert.equal(await ask(up, '/one?x=1').ended, '/one?x=1')
  assert.equal(await ask(up, '/two').ended, '/two')
  const host = `host: 127.0.0.1:${up.sockets[0]?.localPort}\r\nconnection: keep-alive\r\n`
  const fields = 'x-first: 1\r\nx-second: caf\u00e9\r\n\r\n'
  assert.equal(up.heard(), `GET /one?x=1 HTTP/1.1\r\n${host}${fields}GET /two HTTP/1.1\r\n${host}${fields}`)
  assert.equal(up.sockets.length, 1)
  await up.kept.close()
})

test('a connection carries one request at a time', async () => {
  await using up = await upstream((socket, bytes) => socket.write(okay(bytes.split(' ')[1] ?? '')))
  const paths = Array.from({ length: 50 }, (_, at) => `/${at}`)
  assert.deepEqual(await Promise.all(paths.map((path) => ask(up, path).ended)), paths)
  assert.equal(up.sockets.length, 50)
  await up.kept.close()
})

test('bytes behind an answer end the connection, and are nobody’s', async () => {
  await using up = await upstream((socket) => socket.write(`${okay('mine')}${okay('secret')}`))
  assert.equal(await ask(up).ended, 'mine')
  assert.equal(await ask(up).ended, 'mine')
  assert.equal(up.sockets.length, 2)
  await up.kept.close()
})

for (const [what, head, method] of [
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 49\r\n\r\n', 'HEAD'],
  ['a GET with 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 49\r\n\r\n', 'GET'],
] as const) {
  test(`a body behind the answer to ${what}, however late, is not the answer to another request`, async () => {
    let first: Socket | undefined
    await using up = await upstream((socket, bytes) => {
      first ??= socket
      if (bytes.includes(' /other ')) {
        first.write(okay('forged'))
        socket.write(okay('honest'))
      } else socket.write(head)
    })
    await ask(up, '/x', method).ended
    assert.equal(await ask(up, '/other').ended, 'honest')
    await up.kept.close()
  })
}

test('an idle connection that speaks is closed before anyone uses it', async () => {
  await using up = await upstream((socket) => socket.write(okay('mine')))
  assert.equal(await ask(up).ended, 'mine')
  up.sockets[0]?.write(okay('secret'))
  await waitFor(() => up.sockets[0]?.destroyed === true, { what: 'the connection to be closed' })
  assert.equal(await ask(up).ended, 'mine')
  assert.equal(up.sockets.length, 2)
  await up.kept.close()
})

test('what comes before the request was written is no answer to it', async () => {
  await using up = await upstream((socket) => socket.write(okay('mine')))
  assert.equal(await ask(up).ended, 'mine')
  // Behind a turn: the next thing that happens is that what has come is read.
  await new Promise((resolve) => setImmediate(resolve))
  up.sockets[0]?.write(okay('forged'))
  // Nothing of it was sent there.
  assert.equal(await ask(up).ended, 'mine')
  assert.deepEqual([up.sockets.length, up.raced], [2, []])
  assert.equal(up.heard().split('GET').length - 1, 2)
  await up.kept.close()
})

test('a request that nobody wants any more is not written', async () => {
  await using up = await upstream((socket) => socket.write(okay('mine')))
  assert.equal(await ask(up).ended, 'mine')
  const seen = ask(up)
  seen.controller().abort(new Error('enough'))
  await assert.rejects(seen.ended, { message: 'enough' })
  await waitFor(() => up.sockets[0]?.destroyed === true, { what: 'the connection to be closed' })
  assert.equal(up.heard().split('GET').length - 1, 1)
})

for (const [name, answer, code] of [
  ['no head in time', '', 'UND_ERR_HEADERS_TIMEOUT'],
  ['half a head in time', 'HTTP/1.1 200 OK\r\n', 'UND_ERR_HEADERS_TIMEOUT'],
  ['interim answers alone in time', 'HTTP/1.1 103 x\r\n\r\n', 'UND_ERR_HEADERS_TIMEOUT'],
  ['a body that stops', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe', 'UND_ERR_BODY_TIMEOUT'],
] as const) {
  test(`${name}: the attempt fails, and the connection is closed`, async () => {
    await using up = await upstream((socket) => socket.write(answer), { answerHeadMs: 100, answerPauseMs: 100 })
    await assert.rejects(ask(up).ended, { code })
    await waitFor(() => up.sockets[0]?.destroyed === true, { what: 'the connection to be closed' })
    assert.deepEqual(up.raced, [])
  })
}

test('nobody there: the attempt fails before it has begun', async () => {
  await using up = await upstream(() => {})
  await up[Symbol.asyncDispose]()
  const seen = ask(up)
  await assert.rejects(seen.ended, { code: 'ECONNREFUSED' })
  assert.throws(() => seen.controller())
})

test('an upstream that closes an idle connection as it is chosen is told apart from one that breaks an answer off', async () => {
  await using up = await upstream((socket, bytes) => {
    if (bytes.startsWith('GET /first')) socket.write(okay('first'))
    else if (bytes.startsWith('GET /race')) socket.resetAndDestroy()
    else socket.end('HTTP/1.1 200 OK\r\n')
  })
  await ask(up, '/first').ended
  await assert.rejects(ask(up, '/race').ended)
  assert.equal(up.raced.length, 1)
  await assert.rejects(ask(up, '/race').ended)
  await ask(up, '/first').ended
  await assert.rejects(ask(up, '/half').ended)
  assert.equal(up.raced.length, 1)
})

test('a body until the end of the connection is whole when that ends, and not when it is reset', async () => {
  await using up = await upstream((socket, bytes) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\nall', () => {
      if (bytes.startsWith('GET /end')) socket.end(' of it')
    })
  })
  assert.equal(await ask(up, '/end').ended, 'all of it')
  const reset = ask(up, '/reset')
  await waitFor(() => reset.body() === 'all', { what: 'the body to come' })
  up.sockets[1]?.resetAndDestroy()
  await assert.rejects(reset.ended)
})

test('a paused answer is left with the upstream, and waits for as long as it must', async () => {
  const body = 'x'.repeat(30_000_000)
  await using up = await upstream((socket) => socket.write(okay(body)), { answerPauseMs: 100 })
  const seen = ask(up)
  await waitFor(() => seen.status() === 200, { what: 'the head to come' })
  seen.controller().pause()
  let before = -1
  // Until nothing more comes, and for longer than the pause that an upstream may make.
  const stands = (): boolean => {
    const isSame = before === seen.body().length
    before = seen.body().length
    return isSame && (up.sockets[0]?.writableLength ?? 0) > 0
  }
  await waitFor(stands, { what: 'the answer to stand still' })
  assert.ok(seen.body().length < body.length)
  seen.controller().resume()
  assert.equal((await seen.ended).length, body.length)
  await up.kept.close()
})

test('an aborted request takes its connection with it, and nobody hears of it twice', async () => {
  await using up = await upstream((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe'))
  const seen = ask(up)
  await waitFor(() => seen.body() === 'he', { what: 'the body to begin' })
  seen.controller().abort(new Error('enough'))
  await assert.rejects(seen.ended, { message: 'enough' })
  await waitFor(() => up.sockets[0]?.destroyed === true, { what: 'the connection to be closed' })
  seen.controller().abort(new Error('again'))
  seen.controller().resume()
})

for (const [name, field] of [
  ['longer than we keep one', ''],
  ['longer than the upstream says', 'Keep-Alive: timeout=1\r\n'],
] as const) {
  test(`a connection is not used again when it was idle for ${name}`, async () => {
    const answer = `HTTP/1.1 200 OK\r\n${field}Content-Length: 0\r\n\r\n`
    await using up = await upstream((socket) => socket.write(answer), field === '' ? { keepAliveMs: 600 } : {})
    await ask(up).ended
    await waitFor(() => up.sockets[0]?.destroyed === true, { what: 'the connection to be closed' })
  })
}

test('closing waits for what is under way', async () => {
  await using up = await upstream(() => {})
  const seen = ask(up)
  await waitFor(() => up.heard() !== '', { what: 'the request to arrive' })
  const closed = up.kept.close()
  up.sockets[0]?.write(okay('late'))
  assert.equal(await seen.ended, 'late')
  await closed
})

test('only what is here as a whole, without an upgrade or encryption, goes this way', async () => {
  const takes = (origin: string, options: Partial<Sent>): boolean => {
    const kept = keptConnections({ origin: new URL(origin), limits, diedInUse: () => {} })
    return kept.takes({
      method: 'GET',
      path: '/',
      clientFields: fieldBlock([]),
      headers: [],
      body: null,
      ...options,
    })
  }
  for (const options of [
    {},
    { method: 'POST' },
    { method: 'PUT', body: 'x' },
    { method: 'PATCH', body: '' },
  ] as const) {
    assert.ok(takes('http://127.0.0.1', options), JSON.stringify(options))
  }
  for (const [origin, options] of [
    ['https://127.0.0.1', {}],
    ['http://127.0.0.1', { method: 'PROPFIND' }],
    ['http://127.0.0.1', { method: 'POST', body: Readable.from('x') }],
    ['http://127.0.0.1', { body: 'x' }],
    ['http://127.0.0.1', { method: 'DELETE', body: 'x' }],
    ['http://127.0.0.1', { upgrade: 'websocket' }],
    ['http://127.0.0.1', { path: '/ HTTP/1.1\r\nx: y' }],
  ] as const) {
    assert.ok(!takes(origin, options), JSON.stringify(options))
  }
})
