import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { limits } from '../limits.ts'
import type { Listener } from '../listener.ts'
import { fastLane } from './fast-lane.ts'
import { clientOf, drip, echo, get, reader, say, serving, waiting, type Client } from './testing.ts'

/** When another one has been answered, what was written before has been read. */
const readSoFar = async (server: Parameters<typeof clientOf>[0]): Promise<void> => {
  const other = clientOf(server)
  other.socket.write(get('/other'))
  await other.heard(/200 OK/)
  other.socket.destroy()
}

test('a head that comes byte by byte is read in the lane, and so is the one behind it', async () => {
  await using server = await serving(reader)
  const client = clientOf(server)
  await drip(client, get('/1'))
  await client.heard(/lane \/1;$/)
  await drip(client, 'POST /2 HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.heard(/lane \/2;$/)
  assert.equal(client.end(), 'open')
})

test('a head that is not whole in time is refused, counted from its first byte, also on a connection that was kept', async (t) => {
  await using server = await serving(reader, { limits: { headersTimeoutMs: 600, requestTimeoutMs: 600 } })
  const [fresh, kept] = [clientOf(server), clientOf(server)]
  fresh.socket.write('GET / HTTP/1.1\r\nHost')
  kept.socket.write(get('/'))
  await kept.heard(/lane/)
  assert.match(await fresh.ended(), /^HTTP\/1\.1 408 /)
  // Whoever idles between two requests has more time than that.
  assert.equal(kept.end(), 'open')
  const begun = performance.now()
  const dripping = setInterval(() => kept.socket.write('x'), 50)
  t.after(() => clearInterval(dripping))
  kept.socket.write('GET /')
  assert.match(await kept.ended(), /HTTP\/1\.1 408 [^]*connection: close/)
  const tookMs = performance.now() - begun
  assert.ok(tookMs >= 595, `after ${tookMs} ms`)
})

test('whoever is too slow is refused once, however long it stays then', async (t) => {
  const refused: Socket[] = []
  const lane = fastLane({
    serve: reader,
    clock: { now: () => 0, monotonic: () => 0 },
    limits: { ...limits, headersTimeoutMs: 100 },
    refuse: (_fault, socket) => refused.push(socket),
    closeSoon: () => assert.fail('nothing was answered'),
    handOver: () => assert.fail('nothing is for node:http'),
  })
  const door = createServer(lane.take).listen(0, '127.0.0.1')
  t.after(() => {
    lane.stop()
    lane.closeAll()
    door.close()
  })
  await once(door, 'listening')
  // What listens on TCP has an address of this shape.
  const { port } = door.address() as AddressInfo
  for (const bytes of ['', 'GET / HTTP/1.1\r\nHost', '']) {
    const client = clientOf({ port })
    t.after(() => client.socket.destroy())
    client.socket.write(bytes)
    // Ten ticks and more, of which those before it are told too.
    const before = refused.length
    await waitFor(() => refused.length > before, { what: `a refusal of ${JSON.stringify(bytes)}` })
  }
  assert.equal(refused.length, 3)
  assert.equal(new Set(refused).size, 3)
})

test('a head that node:http is given after a while has no more time than one that stays', async (t) => {
  await using server = await serving(reader, { limits: { headersTimeoutMs: 1_000, requestTimeoutMs: 60_000 } })
  const [client, later] = [clientOf(server), clientOf(server)]
  // Gives it to node:http, which hears of no end.
  const given = 'Content-Length: 5\r\nX: '
  const begun = performance.now()
  let drips = 0
  const dripping = setInterval(() => {
    drips += 1
    client.socket.write(drips === 12 ? `\r\n${given}` : 'x')
    if (drips === 12) later.socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${given}`)
    else if (drips > 12) later.socket.write('x')
  }, 50)
  t.after(() => clearInterval(dripping))
  client.socket.write('POST / HTTP/1.1\r\nHost: a\r\nX: ')
  assert.match(await client.ended(), /^HTTP\/1\.1 408 [^]*connection: close/)
  const tookMs = performance.now() - begun
  assert.ok(tookMs >= 995, `after ${tookMs} ms`)
  // Begun when the other was given away.
  assert.ok(drips > 12)
  assert.equal(later.end(), 'open')
  assert.match(await later.ended(), /^HTTP\/1\.1 408 /)
})

test('a head that was given to node:http and is whole in time has its answer, however late that is', async () => {
  const late: (() => void)[] = []
  const serve: Listener = (req, res) => {
    if (req.url === '/other') say(res, 'at once')
    else late.push(() => say(res, 'late'))
  }
  await using server = await serving(serve, {
    limits: { headersTimeoutMs: 300, requestTimeoutMs: 60_000 },
    upgrades: { asked: () => true, listener: (_req, socket) => late.push(() => socket.end('late')) },
  })
  const begin = (): Client => {
    const client = clientOf(server)
    client.socket.write('PUT / HTTP/1.1\r\nHost: a\r\n')
    return client
  }
  const wholes = ['Content-Length: 5\r\n\r\nhello', 'Expect: x\r\n\r\n', 'Expect: 100-continue\r\n\r\n'].concat(
    'Upgrade: x\r\nConnection: Upgrade\r\n\r\n',
  )
  const clients = wholes.map(begin)
  await readSoFar(server)
  for (const [at, client] of clients.entries()) client.socket.write(wholes[at] ?? '')
  await waitFor(() => late.length === clients.length, { what: 'all requests' })
  // Begins behind them, and has had its time.
  const slow = begin()
  await readSoFar(server)
  slow.socket.write('Content-Length: 5\r\n')
  assert.match(await slow.ended(), /^HTTP\/1\.1 408 /)
  for (const answer of late) answer()
  for (const client of clients) await client.heard(/late$/)
})

test('whoever closes one side in the midst of a head hears what is missing', async () => {
  await using server = await serving(reader)
  const client = clientOf(server)
  client.socket.end('GET / HTTP/1.1\r\nHos')
  assert.match(await client.ended(), /^HTTP\/1\.1 400 /)
})

test('draining waits for a head that has begun', async () => {
  await using server = await serving(reader)
  const [client, idle] = [clientOf(server), clientOf(server)]
  idle.socket.write(get('/'))
  await idle.heard(/lane/)
  client.socket.write('GET /late HTTP/1.1\r\nHos')
  await waitFor(() => server.openConnections() === 2, { what: 'both' })
  const drained = server.drain(5_000)
  await idle.ended()
  client.socket.write('t: a\r\n\r\n')
  assert.match(await client.ended(), /Connection: close\r\n[^]*lane \/late;$/)
  await drained
})

test('a head that is too long to be waited for here is read all the same', async () => {
  await using server = await serving(reader)
  const client = clientOf(server)
  const [before, behind] = [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(5_000)}`, '\r\n\r\n']
  client.socket.write(before)
  await readSoFar(server)
  client.socket.write(behind)
  await client.heard(/node \/;$/)
})

test('what comes behind an answer is a head that may come in pieces as well', async () => {
  const { serve, answer } = waiting()
  await using server = await serving((req, res) => (req.url === '/1' ? serve(req, res) : echo(req, res)))
  const client = clientOf(server)
  client.socket.write(get('/1'))
  const first = await answer(0)
  client.socket.write('GET /2 HTTP/1.1\r\n')
  await readSoFar(server)
  first.writeHead(204, [])
  first.end()
  await client.heard(/204 No Content/)
  client.socket.write('Host: a\r\n\r\n')
  await client.heard(/"\/2"/)
})
