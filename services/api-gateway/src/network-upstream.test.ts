import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { networked, startGateway, startRawServer, startServer } from './testing.ts'

test('connections to a service are used again, also after errors of all kinds', async () => {
  let connections = 0
  await using upstream = await startServer((req, res) => {
    if (req.url === '/auth/die') req.socket.destroy()
    else res.end('ok')
  })
  upstream.server.on('connection', () => (connections += 1))
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = async (path: string, method = 'GET'): Promise<number | undefined> => {
    const sent = request(gateway.url + path, { agent, method })
    sent.end(method === 'POST' ? 'x' : undefined)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    await text(answer)
    return answer.statusCode
  }
  for (let round = 0; round < 20; round += 1) assert.equal(await ask('/auth/live'), 200)
  assert.equal(connections, 1)
  assert.equal(await ask('/auth/die', 'POST'), 502)
  assert.equal(await ask('/nowhere'), 404)
  for (let round = 0; round < 20; round += 1) assert.equal(await ask('/auth/live'), 200)
  assert.equal(connections, 2)
  agent.destroy()
})

/**
 * Answers the first request on each connection; hangs up on the second, as if it had closed the idle connection just
 * then.
 */
const closingWhenUsed = (seen: string[]) =>
  startRawServer((socket) => {
    let requests = 0
    socket.on('data', (chunk: Buffer) => {
      seen.push(chunk.toString().split(' ', 1)[0] ?? '')
      requests += 1
      if (requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      else socket.destroy()
    })
  })

for (const [method, status, seen] of [
  ['GET', 200, ['GET', 'GET', 'GET']],
  ['DELETE', 200, ['DELETE', 'DELETE', 'DELETE']],
  ['PUT', 200, ['PUT', 'PUT', 'PUT']],
  ['POST', 502, ['POST', 'POST']],
] as const) {
  test(`a connection that is closed as it is used again: ${method} gets ${status}`, async () => {
    const heard: string[] = []
    await using upstream = await closingWhenUsed(heard)
    await using gateway = await startGateway({ auth: networked(upstream.url) })
    assert.equal((await fetch(`${gateway.url}/auth/1`, { method })).status, 200)
    assert.equal((await fetch(`${gateway.url}/auth/2`, { method })).status, status)
    assert.deepEqual(heard, seen)
  })
}

test('a GET that kills a fresh connection is not tried again', async () => {
  let requests = 0
  await using upstream = await startRawServer((socket) => {
    socket.once('data', () => {
      requests += 1
      socket.resetAndDestroy()
    })
  })
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  assert.equal((await fetch(`${gateway.url}/auth/x`)).status, 502)
  assert.equal(requests, 1)
})

test('replicas that are equally loaded take turns; one that is down is passed over, with the body too', async () => {
  const counts = [0, 0]
  await using one = await startServer(async (req, res) => {
    counts[0] = (counts[0] ?? 0) + 1
    res.end(await text(req))
  })
  await using other = await startServer(async (req, res) => {
    counts[1] = (counts[1] ?? 0) + 1
    res.end(await text(req))
  })
  const down = `http://127.0.0.1:${await freePort()}`
  await using gateway = await startGateway({ auth: networked([one.url, down, other.url]) })
  for (let number = 0; number < 30; number += 1) {
    const answer = await fetch(`${gateway.url}/auth/x`, { method: 'POST', body: `body of ${number}` })
    assert.equal(await answer.text(), `body of ${number}`)
  }
  assert.ok(Math.min(...counts) >= 12, `${counts.join(' and ')} of 30`)
})

test('a replica that closes its connections is on its way out: others are preferred, and it alone is used', async () => {
  const served: string[] = []
  await using staying = await startServer((_req, res) => {
    served.push('staying')
    res.end('ok')
  })
  await using leaving = await startServer((_req, res) => {
    served.push('leaving')
    res.writeHead(200, { connection: 'close' }).end('ok')
  })
  await using gateway = await startGateway({
    auth: networked([staying.url, leaving.url]),
    users: networked([leaving.url, leaving.url]),
  })
  for (let round = 0; round < 20; round += 1) {
    assert.equal((await fetch(`${gateway.url}/auth/x`, { method: round % 2 === 0 ? 'GET' : 'POST' })).status, 200)
  }
  assert.equal(served.filter((who) => who === 'leaving').length, 1)
  for (let round = 0; round < 4; round += 1) assert.equal((await fetch(`${gateway.url}/users/x`)).status, 200)
})

test('healthy means that at least one replica answers 200', async () => {
  await using well = await startServer((_req, res) => void res.end())
  await using ill = await startServer((_req, res) => void res.writeHead(503).end())
  await using silent = await startServer(() => {})
  const down = `http://127.0.0.1:${await freePort()}`
  for (const [urls, healthy] of [
    [[well.url], true],
    [[ill.url], false],
    [[down], false],
    [[silent.url], false],
    [[ill.url, down, well.url], true],
  ] as const) {
    const upstream = networked(urls, { probeTimeoutMs: 200 })
    assert.equal(await upstream.healthy(), healthy)
    await upstream.close()
  }
})

test('requests over the limit of one service are refused at once, and those under way finish', async () => {
  const go = Promise.withResolvers<void>()
  await using upstream = await startServer(async (_req, res) => {
    await go.promise
    res.end('done')
  })
  await using gateway = await startGateway({ auth: networked(upstream.url, { upstreamRequestsMax: 2 }) })
  const underWay = [fetch(`${gateway.url}/auth/1`), fetch(`${gateway.url}/auth/2`)]
  const sockets = () =>
    new Promise<number>((resolve) => upstream.server.getConnections((_error, count) => resolve(count)))
  await waitFor(async () => (await sockets()) === 2, { what: 'two requests under way' })
  const refused = await fetch(`${gateway.url}/auth/3`)
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1'])
  assert.equal(((await refused.json()) as { readonly code: string }).code, 'service-overloaded')
  go.resolve()
  for (const answer of underWay) assert.equal(await (await answer).text(), 'done')
  assert.equal((await fetch(`${gateway.url}/auth/4`)).status, 200)
})
