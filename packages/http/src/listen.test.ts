import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import type { Answered } from '@gatehouse/observe/answered.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { limits } from './limits.ts'
import { listen } from './listen.ts'

const options = { host: '127.0.0.1', port: 0, speaker: 'service', newRequestId: () => 'id' } as const

const answerTo = async (port: number, bytes: string, { halfClose = true } = {}): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  if (halfClose) socket.end(bytes)
  else socket.write(bytes)
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

test('what never became a request is observed all the same, once', async () => {
  const observed: Answered[] = []
  const server = await listen(() => {}, { ...options, observe: (answered) => observed.push(answered) })
  await answerTo(server.port, 'nonsense\r\n\r\n')
  await server.drain(0)
  const told = { requestId: 'id', method: '', route: 'none', path: '', status: 400, code: 'malformed-request' }
  assert.deepEqual(observed, [{ ...told, durationMs: 0, address: '127.0.0.1' }])
})

test('connections and requests that are open are counted', async () => {
  const waiting: ServerResponse[] = []
  const server = await listen((_req, res) => void waiting.push(res), options)
  const sockets = [1, 2, 3].map(() => connect(server.port, '127.0.0.1'))
  sockets[0]?.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await waitFor(() => server.openConnections() === 3 && server.inFlight() === 1, { what: 'all of them' })
  waiting[0]?.end()
  sockets[1]?.destroy()
  await waitFor(() => server.openConnections() === 2 && server.inFlight() === 0, { what: 'those that ended' })
  for (const socket of sockets) socket.destroy()
  await server.drain(0)
  await waitFor(() => server.openConnections() === 0, { what: 'the last of them' })
})

test('garbage behind requests is answered after them, and not in their place', async () => {
  const server = await listen((_req, res) => void setImmediate(() => res.writeHead(204).end()), {
    ...options,
    limits: { ...limits, lingerMs: 60_000 },
  })
  const post = 'POST /logout HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'
  const answer = answerTo(server.port, `${post}${post}GARBAGE\r\n\r\n`, { halfClose: false })
  assert.match(await answer, /^HTTP\/1\.1 204 [^]*\r\n\r\nHTTP\/1\.1 204 [^]*\r\n\r\nHTTP\/1\.1 400 /)
  // Read to its end, though it was left unread while it waited: it needs no reset.
  await waitFor(() => server.openConnections() === 0, { what: 'the connection to be gone' })
  await server.drain(0)
})

test('requests that do not wait for answers are executed one after the other', async () => {
  let underWay = 0
  const executed: string[] = []
  const server = await listen((req, res) => {
    underWay += 1
    executed.push(`${req.url} ${underWay}`)
    setImmediate(() => {
      underWay -= 1
      res.end(req.url)
    })
  }, options)
  const asked = ['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  const last = 'GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
  const answers = await answerTo(server.port, asked.join('') + last, { halfClose: false })
  assert.deepEqual(executed, ['/1 1', '/2 1', '/3 1', '/4 1'])
  assert.match(answers, /\/1[^]*\/2[^]*\/3[^]*\/4/)
  await server.drain(0)
})

test('who sends ever more requests and waits for no answer is cut, and none of those that wait are executed', async () => {
  const executed: (string | undefined)[] = []
  const server = await listen((req) => void executed.push(req.url), {
    ...options,
    limits: { ...limits, requestsWaitingMax: 3 },
  })
  const asked = (paths: readonly string[]): string =>
    paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join('')
  const patient = connect(server.port, '127.0.0.1')
  patient.write(asked(['/0', '/1', '/2', '/3']))
  assert.equal(await answerTo(server.port, asked(['/0', '/1', '/2', '/3', '/4', '/5']), { halfClose: false }), '')
  assert.deepEqual(executed, ['/0', '/0'])
  assert.equal(server.openConnections(), 1)
  patient.destroy()
  await server.drain(0)
})

test('what stands behind a request whose answer closes the connection is not executed', async () => {
  const executed: (string | undefined)[] = []
  const server = await listen((req, res) => {
    executed.push(req.url)
    res.writeHead(400, { connection: 'close' }).end()
  }, options)
  const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'
  assert.match(await answerTo(server.port, post + post.replace('/', '/second')), /^HTTP\/1\.1 400 (?![^]*HTTP)/)
  assert.deepEqual(executed, ['/'])
  await server.drain(0)
})

test('CONNECT and a strange Expect reach the listener, and the connection that asked for a tunnel is closed', async () => {
  const server = await listen((req, res) => void res.end(`${req.method} ${req.headers.expect}`), options)
  const connected = await answerTo(server.port, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\ntunnelled', {
    halfClose: false,
  })
  assert.match(connected, /^HTTP\/1\.1 200 [^]*Connection: close\r\n[^]*CONNECT undefined$/)
  const expecting = await answerTo(server.port, 'GET / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n')
  assert.match(expecting, /GET miracles$/)
  await server.drain(0)
})

test('an answer given before the body was read arrives, though the client goes on sending', async () => {
  const server = await listen((_req, res) => void res.writeHead(413, { connection: 'close' }).end('too much'), options)
  for (let round = 0; round < 20; round += 1) {
    const socket = connect(server.port, '127.0.0.1')
    const answer = read(socket)
    socket.on('error', () => {})
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n')
    // Far more than the buffers between the two hold: it can only be sent while somebody reads.
    socket.write(Buffer.alloc(900_000))
    await new Promise((resolve) => socket.write('!', resolve))
    assert.match(await answer, /too much/)
  }
  await server.drain(0)
})

test('a connection that is being closed is read for a bounded time and number of bytes', async () => {
  const brief = { ...limits, lingerMs: 50, lingerBytesMax: 1_000 }
  const server = await listen((_req, res) => void res.writeHead(413, { connection: 'close' }).end(), {
    ...options,
    limits: brief,
  })
  for (const sent of [0, 100_000]) {
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(sent)}`)
    // It never closes by itself, and notices that the other end has gone only by writing to it.
    socket.allowHalfOpen = true
    const writing = setInterval(() => socket.write('x'), 10)
    await new Promise((resolve) => socket.on('close', resolve))
    clearInterval(writing)
  }
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

test('a server that shuts goes on answering for a while, and tells each client not to return', async () => {
  const server = await listen((req, res) => void res.end(req.url), options)
  const shut = server.shut(200)
  const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
  const answer = await answerTo(server.port, request('/meanwhile'), { halfClose: false })
  assert.match(answer, /^HTTP\/1\.1 200 [^]*Connection: close\r\n[^]*\/meanwhile$/)
  await shut
  await assert.rejects(answerTo(server.port, request('/after')))
  await server.drain(1_000)
})

test('whoever waits to be accepted when the door closes is answered', async () => {
  const server = await listen((_req, res) => void res.end('here'), options)
  const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
  const answers = Array.from({ length: 200 }, () => answerTo(server.port, request, { halfClose: false }))
  // The kernel has them all in its queue, and the event loop has not had a turn to look.
  await new Promise<void>((resolve) => process.nextTick(resolve))
  const shut = server.shut(0)
  assert.deepEqual(
    (await Promise.allSettled(answers)).filter(({ status }) => status === 'rejected'),
    [],
  )
  await shut
  await server.drain(1_000)
})

test('a connection without a word yet is waited for when the server drains', async () => {
  const server = await listen((_req, res) => void res.end('late'), options)
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  const answer = read(socket)
  // Whoever is answered on a later connection was accepted after it.
  await answerTo(server.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const drained = server.drain(5_000)
  setTimeout(() => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), 100)
  assert.match(await answer, /Connection: close\r\n[^]*late$/)
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
