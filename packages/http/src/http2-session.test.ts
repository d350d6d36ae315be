import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { constants, type ClientHttp2Session } from 'node:http2'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { answerOf, ask, serving } from './testing.ts'

test('an answer that breaks off ends in an error, never as if it were whole', async () => {
  await using server = await serving((_req, res) => {
    res.writeHead(200)
    res.write('half', () => res.destroy())
  })
  const { status, body, code } = await answerOf(ask(server.http2()))
  assert.deepEqual([status, body, code], [200, 'half', constants.NGHTTP2_INTERNAL_ERROR])
})

test('one broken answer leaves the other streams of its connection alone', async () => {
  await using server = await serving((req, res) => {
    if (req.url === '/broken') res.destroy()
    else req.resume().on('end', () => res.end('whole'))
  })
  const session = server.http2()
  const slow = session.request({ ':method': 'POST' })
  assert.equal((await answerOf(ask(session, '/broken'))).code, constants.NGHTTP2_INTERNAL_ERROR)
  slow.end()
  assert.equal(await text(slow), 'whole')
})

test('a client that leaves is noticed on both sides of its request', async () => {
  const seen: unknown[] = []
  await using server = await serving((req, res) => {
    req.on('error', () => seen.push('aborted'))
    res.on('close', () => seen.push([res.destroyed, res.writableFinished, req.complete]))
    res.writeHead(200).write('first')
  })
  const session = server.http2()
  const stream = session.request({ ':method': 'POST' })
  stream.on('error', () => {})
  await once(stream, 'data')
  session.destroy()
  await waitFor(() => seen.length === 2, { what: 'both' })
  assert.ok(seen.includes('aborted'))
  assert.deepEqual(seen.find(Array.isArray), [true, false, false])
})

test('an upload is read no faster than the listener reads', async () => {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
  await using server = await serving((req, res) => {
    res.on('close', () => {})
    resolve(req)
    req.on('end', () => res.end())
  })
  const stream = server.http2().request({ ':method': 'POST' })
  const piece = Buffer.alloc(65_536)
  let sentBytes = 0
  const pour = (): void => {
    while (sentBytes < 4_194_304) {
      sentBytes += piece.length
      if (!stream.write(piece)) return void stream.once('drain', pour)
    }
    stream.end()
  }
  pour()
  const req = await promise
  await waitFor(() => sentBytes > 65_536 && stream.writableNeedDrain, { what: 'a full window' })
  assert.ok(sentBytes < 1_048_576, `${sentBytes} bytes were taken unread`)
  req.resume()
  await once(req, 'end')
  assert.equal(sentBytes, 4_194_304)
})

test('what a client may make us wait for has its limits', async () => {
  await using server = await serving(
    (req, res) => {
      if (req.url === '/large') res.end(Buffer.alloc(10_000_000))
      else req.resume()
    },
    { headersTimeoutMs: 50, requestTimeoutMs: 50, http2UnreadMs: 50, keepAliveTimeoutMs: 200 },
  )
  const session = server.http2()
  const late = await answerOf(session.request({ ':method': 'POST' }))
  assert.deepEqual([late.status, late.code], [408, constants.NGHTTP2_NO_ERROR])
  const unread = ask(session, '/large')
  unread.pause()
  await once(unread, 'response')
  const idle = once(session, 'close')
  await waitFor(() => unread.rstCode === constants.NGHTTP2_ENHANCE_YOUR_CALM, { what: 'the unread answer to be cut' })
  unread.destroy()
  await idle
})

test('of too many answers that are not taken the longest are cut, and one that is read to its end is not', async () => {
  const open = new Set<unknown>()
  await using server = await serving(
    (_req, res) => {
      open.add(res)
      res.once('close', () => open.delete(res))
      res.end(Buffer.alloc(200_000))
    },
    { answersHaltedMax: 2, answerHaltMs: 300 },
  )
  const session = server.http2()
  const unread = Array.from({ length: 5 }, () => ask(session).pause())
  await waitFor(() => open.size === 5, { what: 'all of them' })
  await waitFor(() => open.size === 2, { what: 'the end of three' })
  const { body, code } = await answerOf(ask(server.http2()))
  assert.deepEqual([body.length, code, open.size], [200_000, constants.NGHTTP2_NO_ERROR, 2])
  for (const stream of unread) stream.destroy()
})

test('a client that breaks off more than it lets us answer is sent away, and one that reads is not', async () => {
  let asked = 0
  await using server = await serving(
    (req, res) => {
      if (req.url === '/') res.end('answered')
      else asked += 1
    },
    { http2ResetsMax: 10 },
  )
  const breakOff = async (session: ClientHttp2Session): Promise<void> => {
    const before = asked
    const stream = ask(session, '/slow')
    await waitFor(() => asked > before || session.destroyed, { what: 'the request' })
    // Not by CANCEL, which Node's client holds back until it has ended the body.
    stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }
  const reader = server.http2()
  for (let at = 0; at < 30; at += 1) {
    await breakOff(reader)
    assert.equal((await answerOf(ask(reader))).body, 'answered')
  }
  asked = 0
  const flood = server.http2()
  const away = new Promise<number>((resolve) => flood.once('goaway', resolve))
  while (!flood.destroyed) await breakOff(flood)
  assert.deepEqual([asked, await away], [11, constants.NGHTTP2_ENHANCE_YOUR_CALM])
})

test('a client that waits to be told to continue is told', async () => {
  await using server = await serving(async (req, res) => {
    // By whoever decides that the body may come.
    res.writeContinue()
    res.end(await text(req))
  })
  const stream = server.http2().request({ ':method': 'POST', expect: '100-continue' })
  await once(stream, 'continue')
  stream.end('body')
  assert.equal((await answerOf(stream)).body, 'body')
})

test('answers that have no body end without one, whatever length they name', async () => {
  await using server = await serving((req, res) => {
    res.writeHead(Number(req.url?.slice(1)), req.url === '/204' ? [] : ['content-length', '8']).end()
  })
  const session = server.http2()
  assert.deepEqual(await answerOf(ask(session, '/200', { ':method': 'HEAD' })), { status: 200, body: '', code: 0 })
  assert.deepEqual(await answerOf(ask(session, '/304')), { status: 304, body: '', code: 0 })
  assert.deepEqual(await answerOf(ask(session, '/204')), { status: 204, body: '', code: 0 })
})

test('a body that comes too slowly is refused, and leaves the other requests of its connection alone', async () => {
  await using server = await serving(
    (req, res) => {
      req.resume()
      if (req.url === '/') res.end('answered')
    },
    { bodyBytesPerSecondMin: 1_000_000, bodyGraceMs: 1 },
  )
  const session = server.http2()
  const slow = session.request({ ':method': 'POST', ':path': '/slow' })
  slow.write('a')
  assert.deepEqual(await answerOf(slow).then(({ status, code }) => [status, code]), [408, constants.NGHTTP2_NO_ERROR])
  assert.equal((await answerOf(ask(session))).body, 'answered')
})

test('a connection that comes while the server leaves is given one answer', async () => {
  await using server = await serving((_req, res) => res.end('answered'))
  const before = server.http2()
  await answerOf(ask(before))
  const isSentAway = once(before, 'goaway')
  const shut = server.shut(500)
  await isSentAway
  const late = server.http2()
  const away = once(late, 'goaway')
  assert.equal((await answerOf(ask(late))).body, 'answered')
  await away
  await shut
})
