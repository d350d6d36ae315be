import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect } from 'node:net'
import { after, afterEach, before, test } from 'node:test'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import { waitFor } from './wait-for.ts'

const body = Buffer.alloc(3_000_000, 'x')
const upstream = createServer((req, res) => {
  req.resume()
  req.on('end', () => res.end(Number(req.headers['content-length']) > 1 ? body : 'x'))
})
let proxy: TcpProxy
let url: string

before(async () => {
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const address = upstream.address()
  assert.ok(address !== null && typeof address === 'object')
  proxy = await startTcpProxy(address)
  url = `http://127.0.0.1:${proxy.port}/`
})
afterEach(() => proxy.heal())
after(async () => {
  await proxy.close()
  upstream.closeAllConnections()
  upstream.close()
})

/** On a connection of its own: a pooled one would remember the test before. */
const download = async (timeoutMs = 5_000, content = body): Promise<number> => {
  const upload = request(url, { method: 'POST', agent: false, signal: AbortSignal.timeout(timeoutMs) })
  upload.end(content)
  // What Node documents of the event.
  const [response] = (await once(upload, 'response')) as [AsyncIterable<Buffer>]
  let length = 0
  for await (const chunk of response) length += chunk.length
  return length
}

test('passes everything on, both ways', async () => {
  assert.equal(await download(), body.length)
})

test('cut resets open connections and new ones', async () => {
  const socket = connect(proxy.port, '127.0.0.1')
  await once(socket, 'connect')
  await waitFor(() => proxy.connections() > 0, { what: 'the connection' })
  const failure = once(socket, 'error')
  proxy.cut()
  // What Node documents of the event.
  const [error] = (await failure) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNRESET')
  await assert.rejects(download(), { code: 'ECONNRESET' })
  proxy.heal()
  assert.equal(await download(), body.length)
})

test('stall accepts, keeps and says nothing; heal delivers what was held', async () => {
  proxy.stall()
  await assert.rejects(download(200), { name: 'AbortError' })
  const held = download()
  await waitFor(() => proxy.connections() > 0, { what: 'the connection' })
  proxy.heal()
  assert.equal(await held, body.length)
})

test('forget silences the connections of before, and no new one', async () => {
  await waitFor(() => proxy.connections() === 0, { what: 'the connections of the test before to end' })
  proxy.stall()
  const held = download(300)
  await waitFor(() => proxy.connections() > 0, { what: 'the connection' })
  proxy.forget()
  proxy.heal()
  assert.equal(await download(), body.length)
  await assert.rejects(held, { name: 'AbortError' })
})

test('delay is at least what was asked for', async () => {
  proxy.delay(60)
  const begun = performance.now()
  await download(60_000, Buffer.from('x'))
  assert.ok(performance.now() - begun >= 115)
})
