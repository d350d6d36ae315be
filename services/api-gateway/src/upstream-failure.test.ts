import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { get, networked, say, saying, startGateway, startRawServer } from './testing.ts'

const problem = (heard: { readonly text: string }): { readonly code: string; readonly error: string } =>
  JSON.parse(heard.text.slice(heard.text.indexOf('\r\n\r\n') + 4)) as { readonly code: string; readonly error: string }

const answered = ({ text: heard }: { readonly text: string }): boolean => heard.includes('\r\n\r\n{')

// ── Before the head: a refusal that says whether the request may have been executed ──

test('a service that nobody can connect to is unavailable: 503, try again, and the connection stays good', async () => {
  const auth = networked(`http://127.0.0.1:${await freePort()}`)
  await using gateway = await startGateway({ auth })
  const heard = await say(gateway.port, get('/auth/x') + get('/users/x'), (all) => all.includes('HTTP/1.1 204'))
  assert.match(heard.text, /^HTTP\/1\.1 503 /)
  assert.match(heard.text, /retry-after: 1\r\n/i)
  assert.match(heard.text, /"error":"Service unavailable"/)
  const { status, code, err } = await gateway.observation(1)
  assert.deepEqual([status, code], [503, 'service-unavailable'])
  assert.equal((err as NodeJS.ErrnoException).code, 'ECONNREFUSED')
})

test('a name that does not resolve is unavailable too', async () => {
  await using gateway = await startGateway({ auth: networked('http://nowhere.invalid') })
  const heard = await say(gateway.port, get('/auth/x'), (all) => answered({ text: all }))
  assert.deepEqual([problem(heard).code, problem(heard).error], ['service-unavailable', 'Service unavailable'])
})

for (const [what, bytes, then] of [
  ['hangs up without a word', '', 'end'],
  ['resets the connection', '', 'reset'],
  ['talks nonsense', 'SSH-2.0-OpenSSH_9.2\r\n', 'wait'],
  ['breaks off within the head', 'HTTP/1.1 200 OK\r\nContent-', 'end'],
  ['has a status that is none', 'HTTP/1.1 099 Huh\r\nContent-Length: 0\r\n\r\n', 'wait'],
  ['has a status over 599', 'HTTP/1.1 999 Huh\r\nContent-Length: 0\r\n\r\n', 'wait'],
  ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 'wait'],
  ['switches protocols unasked', 'HTTP/1.1 101 Fine\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', 'wait'],
  ['has a head over the limit', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 'wait'],
  ['has a field that cannot be sent on', 'HTTP/1.1 200 OK\r\nX-Bad: a\u0001b\r\nContent-Length: 0\r\n\r\n', 'wait'],
] as const) {
  test(`a service that ${what}: 502, and the client's connection stays good`, async () => {
    await using upstream = await saying(bytes, then)
    await using gateway = await startGateway({ auth: networked(upstream.url) })
    const heard = await say(gateway.port, get('/auth/x') + get('/users/x'), (all) => all.includes('HTTP/1.1 204'))
    assert.match(heard.text, /^HTTP\/1\.1 502 [^]*"code":"upstream-failed"[^]*HTTP\/1\.1 204 /)
    assert.equal((await gateway.observation(1)).code, 'upstream-failed')
  })
}

test('a service that does not answer in time: 504, and its connection is closed', async () => {
  const closed = Promise.withResolvers<void>()
  await using upstream = await startRawServer((socket) => void socket.once('close', () => closed.resolve()).resume())
  await using gateway = await startGateway({ auth: networked(upstream.url, { answerHeadMs: 50 }) })
  const heard = await say(gateway.port, get('/auth/x'), (all) => answered({ text: all }))
  assert.match(heard.text, /^HTTP\/1\.1 504 /)
  assert.deepEqual([problem(heard).code, problem(heard).error], ['upstream-timeout', 'Gateway timeout'])
  await closed.promise
})

// ── After the head: never a clean end of what is not complete ──

for (const [what, head, version] of [
  ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this', '1.1'],
  ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n', '1.1'],
  [
    'in chunks, to a client of HTTP/1.0',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n',
    '1.0',
  ],
  ['in broken chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\nzz\r\n', '1.1'],
] as const) {
  for (const then of ['end', 'reset'] as const) {
    test(`an answer ${what} that breaks off (${then}) takes the client's connection with it`, async () => {
      const cut = Promise.withResolvers<Socket>()
      await using upstream = await startRawServer((socket) => {
        socket.once('data', () => socket.write(head))
        cut.resolve(socket)
      })
      await using gateway = await startGateway({ auth: networked(upstream.url) })
      const asked = `GET /auth/x HTTP/${version}\r\nHost: gate.test\r\nConnection: keep-alive\r\n\r\n`
      const socket = cut.promise
      const { text: all, end } = await say(gateway.port, asked, (heard) => {
        if (heard.includes('only this'))
          void socket.then((open) => (then === 'end' ? open.end() : open.resetAndDestroy()))
        return false
      })
      assert.equal(end, 'error')
      assert.ok(!all.includes('\r\n0\r\n'))
      const { status, code, err } = await gateway.observation(1)
      assert.deepEqual([status, code], [200, 'upstream-failed'])
      assert.ok(err instanceof Error)
    })
  }
}

test('an answer that stops in its middle is cut when the pause is too long', async () => {
  await using upstream = await saying('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this', 'wait')
  await using gateway = await startGateway({ auth: networked(upstream.url, { answerPauseMs: 50 }) })
  assert.equal((await say(gateway.port, get('/auth/x'))).end, 'error')
  assert.equal((await gateway.observation(1)).code, 'upstream-timeout')
})
