import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { get, networked, say, saying, startGateway, startRawServer, startServer } from './testing.ts'

test('an answer that ends with the connection, as HTTP/1.0 servers give it, ends well', async () => {
  await using upstream = await saying('HTTP/1.0 200 OK\r\n\r\nall of it')
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  assert.equal(await (await fetch(`${gateway.url}/auth/x`)).text(), 'all of it')
})

test('interim answers are for us, the final one is for the client', async () => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(50)
  await using upstream = await saying(`${hints}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`)
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  const heard = await say(gateway.port, get('/auth/x'), (all) => all.endsWith('ok'))
  assert.match(heard.text, /^HTTP\/1\.1 200 /)
  assert.ok(!heard.text.includes('103'))
})

test('what concerns the connection of the service, or names its software, stays there', async () => {
  const fields = [
    'Connection: keep-alive, X-Mine',
    'X-Mine: 1',
    'Keep-Alive: timeout=5',
    'Server: gunicorn',
    'X-Powered-By: x',
    'Trailer: X-T',
  ]
  fields.push('Proxy-Authenticate: Basic', 'X-Request-Id: theirs', 'X-Kept: 2', 'Content-Length: 2')
  await using upstream = await saying(`HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\n\r\nok`)
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  const { headers } = await fetch(`${gateway.url}/auth/x`, { headers: { 'x-request-id': 'ours' } })
  for (const name of ['x-mine', 'server', 'x-powered-by', 'trailer', 'proxy-authenticate'])
    assert.equal(headers.get(name), null, name)
  assert.deepEqual([headers.get('x-kept'), headers.get('x-request-id')], ['2', 'ours'])
  assert.ok(!(headers.get('keep-alive') ?? '').includes('timeout=5,'))
})

test('a request id that is the name of a field takes no field away', async () => {
  await using upstream = await saying('HTTP/1.1 200 OK\r\nEtag: "1"\r\nContent-Length: 2\r\n\r\nok')
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  assert.equal(
    (await fetch(`${gateway.url}/auth/x`, { headers: { 'x-request-id': 'etag' } })).headers.get('etag'),
    '"1"',
  )
})

test('the service is called by its own name', async () => {
  await using upstream = await startServer((req, res) => void res.end(req.headers.host))
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  assert.equal(await (await fetch(`${gateway.url}/auth/x`)).text(), `127.0.0.1:${upstream.port}`)
})

test('a client that leaves before the answer takes its request with it', async () => {
  const left = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  await using upstream = await startServer((req) => {
    req.once('close', left.resolve)
    arrived.resolve()
  })
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  const sent = request(`${gateway.url}/auth/x`, { agent: false }).on('error', () => {})
  sent.end()
  await arrived.promise
  sent.destroy()
  await left.promise
  const { status, code } = await gateway.observation(1)
  assert.deepEqual([status, code], [499, 'client-left'])
})

test('a client that leaves in mid-upload ends the upload, and it is not taken for complete', async () => {
  const ended = Promise.withResolvers<string>()
  await using upstream = await startServer((req) => {
    req.resume()
    req.once('end', () => ended.resolve('complete'))
    req.once('error', () => ended.resolve('aborted'))
  })
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  const sent = request(`${gateway.url}/auth/x`, { method: 'POST', agent: false }).on('error', () => {})
  sent.write('x'.repeat(100_000), () => sent.destroy())
  assert.equal(await ended.promise, 'aborted')
  const { status, code } = await gateway.observation(1)
  assert.deepEqual([status, code], [499, 'client-left'])
})

test('an answer that comes before the upload has ended is passed on, and the connection closes after it', async () => {
  await using upstream = await startServer(
    (_req, res) => void res.writeHead(413, { connection: 'close' }).end('too much'),
  )
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  const asked = `POST /auth/x HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(100_000)}`
  const { text: heard, end } = await say(gateway.port, asked)
  assert.match(heard, /^HTTP\/1\.1 413 [^]*connection: close[^]*too much/i)
  assert.equal(end, 'end')
})

test('a client that waits for leave to send its body gets it', async () => {
  await using upstream = await startServer(async (req, res) => void res.end(`heard ${await text(req)}`))
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  const sent = request(`${gateway.url}/auth/x`, { method: 'POST', agent: false, headers: { expect: '100-continue' } })
  sent.once('continue', () => sent.end('words'))
  sent.flushHeaders()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  assert.equal(await text(answer), 'heard words')
})

test('a body where none is expected cannot become a request of its own on a connection that others use', async () => {
  const heads: string[] = []
  await using upstream = await startRawServer((socket) => {
    // Reads no body of a GET: what follows a head is the next head.
    socket.on('data', (bytes: Buffer) => {
      for (const head of bytes.toString('latin1').split('\r\n\r\n').slice(0, -1)) {
        heads.push(head)
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      }
    })
  })
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  const hidden = 'GET /hidden HTTP/1.1\r\nHost: gate.test\r\n\r\n'
  for (const method of ['GET', 'DELETE', 'OPTIONS']) {
    const asked = `${method} /auth/x HTTP/1.1\r\nHost: gate.test\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`
    const { text: heard } = await say(gateway.port, asked, (all) => all.endsWith('ok'))
    assert.match(heard, /^HTTP\/1\.1 200 /)
  }
  const sentOn = heads.filter((head) => head.includes('/auth/x'))
  assert.equal(sentOn.length, 3)
  for (const head of sentOn) assert.match(head, /\r\nconnection: close(?:\r\n|$)/i)
})

test('a client whose body is not here by the deadline: 408, and nobody takes the service for broken', async () => {
  await using upstream = await startServer((req) => void req.resume())
  const auth = networked(upstream.url, { deadlineMs: 100 })
  await using gateway = await startGateway({ auth })
  const asked = 'POST /auth/x HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 1000000\r\n\r\nbegun'
  const heard = await Promise.all(Array.from({ length: 12 }, () => say(gateway.port, asked)))
  for (const { text: answer } of heard) assert.match(answer, /^HTTP\/1\.1 408 [^]*"code":"request-timeout"/)
  const { failures, circuit, underWay } = auth.state()
  assert.deepEqual([failures, circuit, underWay], [0, 'closed', 0])
})
