import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { limits } from '../limits.ts'
import type { Asked } from '../listener.ts'
import { clientOf, drip, get, isOfLane, reader, say, serving, waiting } from './testing.ts'

test('simple requests follow each other in the lane; from the first other one on, node:http reads', async () => {
  await using server = await serving(reader)
  const client = clientOf(server)
  for (const [bytes, answer] of [
    [get('/1'), /lane \/1;$/],
    [get('/2').replace('GET', 'DELETE'), /lane \/2;$/],
    ['POST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello', /lane \/3;$/],
    [get('/4'), /lane \/4;$/],
    ['POST /5 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', /node \/5;$/],
    [get('/6'), /node \/6;$/],
  ] as const) {
    client.socket.write(bytes)
    await client.heard(answer)
  }
  assert.equal(client.end(), 'open')
})

test('requests that do not wait for answers are executed one after the other, and nothing is lost', async () => {
  const underWay: string[] = []
  const most: number[] = []
  await using server = await serving((req, res) => {
    underWay.push(req.url ?? '')
    most.push(underWay.length)
    setImmediate(() => {
      underWay.pop()
      reader(req, res)
    })
  })
  const client = clientOf(server)
  client.socket.write(get('/1'))
  await waitFor(() => most.length === 1, { what: 'the first' })
  for (const target of ['/2', '/3', '/4']) client.socket.write(get(target))
  client.socket.write('POST /5 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  assert.deepEqual(
    (await client.ended()).match(/(?:lane|node) \/\d;/g)?.map((said) => said.slice(5)),
    ['/1;', '/2;', '/3;', '/4;', '/5;'],
  )
  assert.deepEqual(new Set(most), new Set([1]))
})

test('what comes while a request is under way waits, however it is cut', async () => {
  const { serve, answer } = waiting()
  await using server = await serving((req, res) => (req.url === '/1' ? serve(req, res) : reader(req, res)))
  const client = clientOf(server)
  client.socket.write(get('/1'))
  const first = await answer(0)
  await drip(client, `${get('/2')}${get('/3')}`)
  say(first, 'first')
  assert.match(await client.heard(/\/3;$/), /first[^]*node \/2;[^]*node \/3;$/)
})

test('a client that closes or breaks off while its answer is made is told of, once', async () => {
  const { serve, answer, closed } = waiting()
  await using server = await serving(serve)
  for (const [at, leave] of ['end', 'destroy', 'resetAndDestroy'].entries()) {
    const client = clientOf(server)
    client.socket.write(get('/'))
    const res = await answer(at)
    assert.equal(server.inFlight(), 1)
    if (leave === 'end') client.socket.end()
    else if (leave === 'destroy') client.socket.destroy()
    else client.socket.resetAndDestroy()
    await waitFor(() => closed.length === at + 1 && server.inFlight() === 0, { what: 'word of it' })
    assert.ok(res.destroyed && !res.writableFinished)
    // Whoever had not heard of it yet does no harm.
    say(res, 'late')
    client.socket.destroy()
  }
  assert.deepEqual(closed, [false, false, false])
  await waitFor(() => server.openConnections() === 0, { what: 'no connection' })
})

test('a client that leaves in the midst of an answer is told of', async () => {
  const { serve, answer, closed } = waiting()
  await using server = await serving(serve)
  const client = clientOf(server)
  client.socket.write(get('/'))
  const res = await answer(0)
  res.writeHead(200, [])
  res.write(Buffer.from('begun'))
  await client.heard(/begun/)
  client.socket.resetAndDestroy()
  await waitFor(() => closed.length === 1, { what: 'word of it' })
  assert.equal(res.writableFinished, false)
})

test('a connection that waits too long for its next request is closed', async () => {
  await using server = await serving(reader, { limits: { keepAliveTimeoutMs: 100 } })
  const client = clientOf(server)
  client.socket.write(get('/'))
  await client.heard(/lane/)
  await client.ended()
  assert.equal(client.end(), 'end')
})

test('who says nothing from the start is told that it takes too long', async () => {
  await using server = await serving(reader, { limits: { headersTimeoutMs: 300, requestTimeoutMs: 300 } })
  const client = clientOf(server)
  assert.match(await client.ended(), /^HTTP\/1\.1 408 /)
})

test('draining closes who waits, and lets what is under way finish', async () => {
  const { serve, answer } = waiting()
  await using server = await serving((req, res) => (req.url === '/slow' ? serve(req, res) : reader(req, res)))
  const [idle, busy] = [clientOf(server), clientOf(server)]
  idle.socket.write(get('/'))
  await idle.heard(/lane/)
  busy.socket.write(get('/slow'))
  const res = await answer(0)
  const drained = server.drain(5_000)
  await idle.ended()
  assert.deepEqual([server.inFlight(), server.openConnections(), busy.end()], [1, 1, 'open'])
  say(res, 'done')
  assert.match(await busy.ended(), /Connection: close\r\n[^]*done$/)
  await drained
  await waitFor(() => server.openConnections() === 0, { what: 'the last of them' })
})

test('a server that shuts goes on answering in the lane, and tells each client not to return', async () => {
  const seen: Asked[] = []
  await using server = await serving((req, res) => {
    seen.push(req)
    reader(req, res)
  })
  const client = clientOf(server)
  client.socket.write(get('/before'))
  await client.heard(/lane \/before;$/)
  const shut = server.shut(200)
  client.socket.write(get('/meanwhile'))
  assert.match(await client.ended(), /Connection: close\r\n[^]*\/meanwhile;$/)
  await shut
  assert.ok(seen.every(isOfLane))
  assert.equal(server.laneRequests(), 2)
})

test('draining cuts what does not finish by its deadline', async () => {
  const { serve, answer, closed } = waiting()
  await using server = await serving(serve)
  const client = clientOf(server)
  client.socket.write(get('/'))
  await answer(0)
  await server.drain(50)
  await client.ended()
  assert.deepEqual([closed, server.inFlight()], [[false], 0])
})

test('a head that is longer than allowed is refused in the words of node:http', async () => {
  await using server = await serving(reader)
  const client = clientOf(server)
  client.socket.write(get('/').replace('\r\n\r\n', `\r\nX: ${'x'.repeat(limits.headerBytesMax)}\r\n\r\n`))
  assert.match(await client.ended(), /^HTTP\/1\.1 431 /)
})

test('a client of the lane that does not take its answer is cut', async () => {
  const { serve, answer, closed } = waiting()
  await using server = await serving(serve, { limits: { answerStallMs: 300, answerHaltMs: 60_000 } })
  const client = clientOf(server)
  client.socket.pause()
  client.socket.write(get('/'))
  const res = await answer(0)
  res.writeHead(200, [])
  res.end(Buffer.alloc(30_000_000))
  await waitFor(() => closed.length === 1, { what: 'the cut' })
  assert.equal(res.writableFinished, false)
  client.socket.resume()
  await client.ended()
  assert.equal(client.end(), 'reset')
})
