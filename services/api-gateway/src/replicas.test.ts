import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { limits } from './limits.ts'
import { networked, startGateway, startRawServer, startServer, type RunningServer } from './testing.ts'

/** A service that says its name, and counts who asked. */
const named = async (name: string, status = 200): Promise<RunningServer & { readonly heard: string[] }> => {
  const heard: string[] = []
  const server = await startServer((req, res) => {
    heard.push(`${req.method} ${req.url}`)
    res.writeHead(status).end(name)
  })
  return { ...server, heard }
}

/** Takes a request and resets the connection. */
const resetting = async () => {
  const heard: string[] = []
  const server = await startRawServer((socket: Socket) => {
    socket.once('data', (chunk: Buffer) => {
      heard.push(chunk.toString().split(' ', 1)[0] ?? '')
      socket.resetAndDestroy()
    })
  })
  return { ...server, heard }
}

const code = async (answer: Response): Promise<string> => ((await answer.json()) as { readonly code: string }).code

test('the replica with the fewest requests under way gets the next one', async () => {
  const go = Promise.withResolvers<void>()
  await using slow = await startServer(async (_req, res) => {
    await go.promise
    res.end('slow')
  })
  await using quick = await named('quick')
  const auth = networked([slow.url, quick.url])
  await using gateway = await startGateway({ auth })
  const first = fetch(`${gateway.url}/auth/x`)
  const second = fetch(`${gateway.url}/auth/x`)
  await waitFor(() => auth.state().origins[0]?.underWay === 1 && auth.state().underWay === 1, {
    what: 'one request at the slow replica, and the other answered',
  })
  for (let number = 0; number < 10; number += 1)
    assert.equal(await (await fetch(`${gateway.url}/auth/x`)).text(), 'quick')
  go.resolve()
  assert.deepEqual(new Set([await (await first).text(), await (await second).text()]), new Set(['slow', 'quick']))
  assert.equal(auth.state().underWay, 0)
})

for (const [method, status, seen] of [
  ['GET', 200, 1],
  ['HEAD', 200, 1],
  ['OPTIONS', 200, 1],
  ['PUT', 200, 1],
  ['DELETE', 200, 1],
  ['POST', 502, 0],
  ['PATCH', 502, 0],
] as const) {
  test(`a ${method} that breaks at one replica is ${seen === 1 ? '' : 'not '}sent once more, to another`, async () => {
    await using broken = await resetting()
    await using well = await named('well')
    await using gateway = await startGateway({ auth: networked([well.url, broken.url]) })
    const answer = await fetch(`${gateway.url}/auth/x`, { method })
    assert.deepEqual([answer.status, broken.heard.length, well.heard.length], [status, 1, seen])
  })
}

for (const [what, body, status, seen] of [
  ['small body is sent once more with it', 'x'.repeat(limits.wholeBodyBytesMax), 200, ['x'.repeat(16_384)]],
  ['body went with the first attempt is not sent again', 'x'.repeat(limits.wholeBodyBytesMax + 1), 502, []],
] as const) {
  test(`a PUT whose ${what}`, async () => {
    const bodies: string[] = []
    await using broken = await resetting()
    await using well = await startServer(async (req, res) => {
      bodies.push(await text(req))
      res.end()
    })
    await using gateway = await startGateway({ auth: networked([well.url, broken.url]) })
    const answer = await fetch(`${gateway.url}/auth/x`, { method: 'PUT', body })
    assert.deepEqual([answer.status, broken.heard.length, bodies], [status, 1, seen])
  })
}

test('an idempotent request is repeated as often as its route allows and no more', async () => {
  for (const [retriesMax, seen] of [
    [0, 1],
    [1, 2],
    [2, 3],
  ] as const) {
    await using one = await resetting()
    await using two = await resetting()
    await using three = await resetting()
    await using gateway = await startGateway({ auth: networked([one.url, two.url, three.url], { retriesMax }) })
    assert.equal((await fetch(`${gateway.url}/auth/x`)).status, 502)
    assert.equal(one.heard.length + two.heard.length + three.heard.length, seen)
  }
})

test('a replica that fails again and again is ejected, and comes back when a trial succeeds', async () => {
  let now = 0
  let works = false
  await using flaky = await startServer((req, res) => void (works ? res.end('flaky') : req.socket.destroy()))
  await using well = await named('well')
  const auth = networked([flaky.url, well.url], { clock: { now: () => 0, monotonic: () => now } })
  await using gateway = await startGateway({ auth })
  const ask = async (): Promise<string> => (await fetch(`${gateway.url}/auth/x`)).text()
  for (let number = 0; number < 20; number += 1) assert.equal(await ask(), 'well')
  assert.equal(auth.state().origins[0]?.state, 'ejected')
  works = true
  for (let number = 0; number < 10; number += 1) assert.equal(await ask(), 'well')
  now += 1_000
  const names = [await ask(), await ask(), await ask(), await ask()]
  assert.deepEqual(new Set(names), new Set(['flaky', 'well']))
  assert.equal(auth.state().origins[0]?.state, 'in-use')
})

test('a replica that says 503 again and again is ejected too; when all do, all are used, and heard', async () => {
  await using ill = await named('ill', 503)
  await using well = await named('well')
  const auth = networked([ill.url, well.url], { clock: { now: () => 0, monotonic: () => 0 } })
  await using gateway = await startGateway({ auth })
  for (let number = 0; number < 20; number += 1) await (await fetch(`${gateway.url}/auth/x`)).text()
  assert.deepEqual([ill.heard.length, auth.state().origins[0]?.state], [5, 'ejected'])

  await using worse = await named('worse', 503)
  const both = networked([ill.url, worse.url], { clock: { now: () => 0, monotonic: () => 0 } })
  await using other = await startGateway({ auth: both })
  const heard = new Set<string>()
  for (let number = 0; number < 30; number += 1) heard.add(await (await fetch(`${other.url}/auth/x`)).text())
  assert.deepEqual(heard, new Set(['ill', 'worse']))
  assert.deepEqual(both.state().circuit, 'closed')
})

test('active checks take a replica out that serves nobody, and bring it back', async () => {
  let works = true
  const checked: string[] = []
  await using flaky = await startServer((req, res) => {
    if (req.url === '/ready') checked.push(req.url)
    res.writeHead(works || req.url !== '/ready' ? 200 : 500).end('flaky')
  })
  await using well = await named('well')
  const auth = networked([flaky.url, well.url], { check: { path: '/ready', everyMs: 20, timeoutMs: 1_000 } })
  await using gateway = await startGateway({ auth })
  await waitFor(() => checked.length > 2, { what: 'checks' })
  assert.equal(auth.state().origins[0]?.state, 'in-use')
  works = false
  await waitFor(() => auth.state().origins[0]?.state === 'ill', { what: 'the replica to be found ill' })
  for (let number = 0; number < 10; number += 1)
    assert.equal(await (await fetch(`${gateway.url}/auth/x`)).text(), 'well')
  works = true
  await waitFor(() => auth.state().origins[0]?.state === 'in-use', { what: 'the replica to be found well' })
})

test('a check that is not answered in time is a failed one, and one miss is none', async () => {
  let checks = 0
  await using slow = await startServer((_req, res) => {
    checks += 1
    if (checks !== 2) res.end()
  })
  await using silent = await startServer(() => {})
  const auth = networked([slow.url, silent.url], { check: { path: '/', everyMs: 20, timeoutMs: 20 } })
  await waitFor(() => auth.state().origins[1]?.state === 'ill' && checks > 5, { what: 'many checks' })
  assert.equal(auth.state().origins[0]?.state, 'in-use')
  await auth.close()
})

test('a service that fails ten times in a row is left alone, but for trials, until one of them succeeds', async () => {
  let now = 0
  let works = false
  let heard = 0
  await using upstream = await startServer((req, res) => {
    heard += 1
    if (works) res.end('back')
    else req.socket.destroy()
  })
  const auth = networked(upstream.url, { clock: { now: () => 0, monotonic: () => now } })
  await using gateway = await startGateway({ auth })
  const ask = () => fetch(`${gateway.url}/auth/x`)
  for (let number = 0; number < 10; number += 1) {
    assert.equal(await code(await ask()), 'upstream-failed')
    now += 30
  }
  const refused = await ask()
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1'])
  const problem = (await refused.json()) as { readonly code: string; readonly error: string }
  assert.deepEqual([problem.code, problem.error], ['circuit-open', 'Service unavailable'])
  assert.deepEqual([auth.state().circuit, heard], ['open', 10])

  now += 500
  assert.equal(await code(await ask()), 'upstream-failed', 'the trial')
  assert.equal(await code(await ask()), 'circuit-open')
  works = true
  now += 1_000
  for (let number = 0; number < 3; number += 1) assert.equal(await (await ask()).text(), 'back')
  assert.deepEqual([auth.state().circuit, heard], ['closed', 14])
})

test('a service that nobody can connect to is left alone too', async () => {
  let now = 0
  const clock = { now: () => 0, monotonic: () => (now += 10) }
  const auth = networked(`http://127.0.0.1:${await freePort()}`, { clock })
  await using gateway = await startGateway({ auth })
  const codes: string[] = []
  for (let number = 0; number < 12; number += 1) codes.push(await code(await fetch(`${gateway.url}/auth/x`)))
  assert.deepEqual(codes.slice(0, 10), Array(10).fill('service-unavailable'))
  assert.equal(codes[10], 'circuit-open')
})

test('as many failures in one instant leave nobody alone: what comes after them may well be answered', async () => {
  let works = false
  const waiting: (() => void)[] = []
  await using upstream = await startServer((req, res) => {
    if (works) res.end('back')
    else waiting.push(() => req.socket.destroy())
  })
  const auth = networked(upstream.url)
  await using gateway = await startGateway({ auth })
  const failing = Array.from({ length: 30 }, () => fetch(`${gateway.url}/auth/x`))
  await waitFor(() => waiting.length === 30, { what: 'all to be under way' })
  works = true
  for (const kill of waiting) kill()
  for (const answer of failing) assert.equal((await answer).status, 502)
  assert.equal(await (await fetch(`${gateway.url}/auth/x`)).text(), 'back')
})

test('a client that leaves says nothing about the service', async () => {
  await using upstream = await startServer(() => {})
  const auth = networked(upstream.url)
  await using gateway = await startGateway({ auth })
  for (let number = 1; number <= 15; number += 1) {
    const sent = request(`${gateway.url}/auth/x`, { agent: false }).on('error', () => {})
    sent.end()
    await waitFor(() => auth.state().underWay === 1, { what: 'the request to be under way' })
    sent.destroy()
    await waitFor(() => auth.state().underWay === 0, { what: 'the request to be gone' })
  }
  assert.equal(auth.state().circuit, 'closed')
})

test('closing waits for what is under way, and a request that comes late is served all the same', async () => {
  const go = Promise.withResolvers<void>()
  await using upstream = await startServer(async (req, res) => {
    if (req.url === '/auth/slow') await go.promise
    res.end(req.url)
  })
  const auth = networked(upstream.url)
  await using gateway = await startGateway({ auth })
  const slow = fetch(`${gateway.url}/auth/slow`)
  await waitFor(() => auth.state().underWay === 1, { what: 'a request under way' })
  let closed = false
  const closing = auth.close().then(() => (closed = true))
  assert.equal(await (await fetch(`${gateway.url}/auth/meanwhile`)).text(), '/auth/meanwhile')
  assert.equal(closed, false)
  go.resolve()
  assert.equal(await (await slow).text(), '/auth/slow')
  await closing
  assert.equal(await (await fetch(`${gateway.url}/auth/late`)).text(), '/auth/late')
})

test('all attempts together are over by the deadline: 504 when something was sent, 503 when nothing was', async () => {
  const closed = Promise.withResolvers<void>()
  await using silent = await startServer((req) => void req.socket.once('close', () => closed.resolve()))
  const auth = networked([silent.url, silent.url], { deadlineMs: 60 })
  await using gateway = await startGateway({ auth })
  assert.equal(await code(await fetch(`${gateway.url}/auth/x`)), 'upstream-timeout')
  await closed.promise
  assert.equal(auth.state().underWay, 0)

  // A place in TEST-NET-1 (RFC 5737) takes no connection, or is refused at once where there is no way out.
  await using nowhere = await startGateway({ auth: networked('http://192.0.2.1', { deadlineMs: 60, connectMs: 300 }) })
  assert.equal(await code(await fetch(`${nowhere.url}/auth/x`)), 'service-unavailable')
})

test('an upload that is refused early gets the answer that was given, not the reset that came after it', async () => {
  await using upstream = await startRawServer((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 413 Too Much\r\nConnection: close\r\nContent-Length: 8\r\n\r\ntoo much', () => {
        socket.resetAndDestroy()
      })
    })
  })
  for (let round = 0; round < 20; round += 1) {
    await using gateway = await startGateway({ auth: networked(upstream.url) })
    const socket = connect(gateway.port, '127.0.0.1').on('error', () => {})
    socket.write('POST /auth/x HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 50000000\r\n\r\n')
    socket.write(Buffer.alloc(8_000_000))
    const heard = await Promise.race([text(socket).catch(() => ''), once(socket, 'data').then(String)])
    assert.match(heard, /^HTTP\/1\.1 413 /)
    socket.destroy()
  }
})
