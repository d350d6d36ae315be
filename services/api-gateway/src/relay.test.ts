import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { get, networked, say, saying, startGateway, startServer } from './testing.ts'

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
  const asked = `POST /auth/x HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 1000000\r\n\r\nbegun`
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
