import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { problemType } from '@gatehouse/contract/problem.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { inProcessUpstream } from './in-process-upstream.ts'
import { limits } from './limits.ts'
import type { Upstream } from './ports.ts'
import { ada, adasToken, networked, say, startGateway, startServer } from './testing.ts'

const bearer = { authorization: `Bearer ${adasToken}` }

/** Answers with where it was asked. */
const naming = (name: string, probe = async () => true): Upstream =>
  inProcessUpstream({ listener: (req, res) => void res.end(`${name} ${req.url}`), probe })

test('the two prefixes lead to the two services, and nothing else leads anywhere', async () => {
  await using gateway = await startGateway({ auth: naming('auth'), users: naming('users') })
  for (const [path, answer] of [
    ['/auth/login?x=1', 'auth /auth/login?x=1'],
    ['/auth', 'auth /auth'],
    ['/users/profile', 'users /users/profile'],
  ] as const) {
    assert.equal(await (await fetch(gateway.url + path)).text(), answer)
  }
  for (const path of [
    '/',
    '/authors',
    '/user/profile',
    '/auth/events',
    '/auth/%65vents?after=0',
    '/auth/EVENTS/',
    '/nowhere',
  ]) {
    const answer = await fetch(gateway.url + path)
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [404, problemType], path)
    const { request_id, ...problem } = (await answer.json()) as Record<string, unknown>
    assert.equal(request_id, answer.headers.get('x-request-id'))
    assert.deepEqual(problem, {
      type: 'urn:gatehouse:problem:service-not-found',
      title: 'Service not found',
      status: 404,
      code: 'service-not-found',
      error: 'Service not found',
    })
  }
})

test('each request is observed once, with its route, its status and its reason', async () => {
  await using gateway = await startGateway({ clock: movableClock() })
  await fetch(`${gateway.url}/auth/login?token=secret`, { method: 'POST', headers: { 'x-request-id': 'r-1' } })
  await fetch(`${gateway.url}/nowhere?token=secret`, { headers: { 'x-request-id': 'r-2' } })
  await gateway.observation(2)
  const common = { durationMs: 0, address: '127.0.0.1' }
  assert.partialDeepStrictEqual(gateway.observed, [
    { requestId: 'r-1', method: 'POST', route: '/auth', path: '/auth/login', status: 204, ...common },
    {
      requestId: 'r-2',
      method: 'GET',
      route: 'none',
      path: '/nowhere',
      status: 404,
      code: 'service-not-found',
      ...common,
    },
  ])
})

test('what is malformed is refused, the connection closed, and nothing forwarded', async () => {
  let forwarded = 0
  const auth = inProcessUpstream({
    listener: (_req, res) => void ((forwarded += 1), res.end()),
    probe: async () => true,
  })
  await using gateway = await startGateway({ auth })
  for (const request of [
    'GET /auth/x HTTP/1.1\r\n\r\n',
    'GET /auth/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'GET /auth/../users HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET http://other/auth HTTP/1.1\r\nHost: a\r\n\r\n',
    'POST /auth/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  ]) {
    const { text, end } = await say(gateway.port, request)
    assert.match(text, /^HTTP\/1\.1 400 [^]*connection: close[^]*"code":"malformed-request"/i, request)
    assert.equal(end, 'end')
  }
  assert.equal(forwarded, 0)
})

test('an error that nobody chose answers 500, tells nothing, and is observed whole', async () => {
  const bug = new TypeError('the secret inner life of the gateway')
  const auth: Upstream = { ...naming('auth'), forward: () => Promise.reject(bug) }
  const users: Upstream = {
    ...naming('users'),
    forward: () => {
      throw bug
    },
  }
  await using gateway = await startGateway({ auth, users })
  for (const path of ['/auth/x', '/users/x']) {
    const answer = await fetch(gateway.url + path)
    const body = await answer.text()
    assert.deepEqual([answer.status, body.includes('internal-error'), body.includes('inner')], [500, true, false])
  }
  const { err, code } = await gateway.observation(2)
  assert.deepEqual([err, code], [bug, 'internal-error'])
})

test('GET /health tells of both services, is always 200, and asks them at most once a second', async () => {
  const clock = movableClock()
  let probes = 0
  let authIsWell = true
  const auth = naming('auth', async () => {
    probes += 1
    return authIsWell
  })
  await using gateway = await startGateway({
    auth,
    users: naming('users', () => Promise.reject(new Error('ill'))),
    clock,
  })
  const health = async () => {
    const answer = await fetch(`${gateway.url}/health`)
    assert.equal(answer.status, 200)
    return answer.json()
  }
  const well = { gateway: 'healthy', services: { auth_service: true, user_service: false } }
  assert.deepEqual(await Promise.all([health(), health(), health()]), [well, well, well])
  assert.equal(probes, 1)
  authIsWell = false
  clock.advance(limits.probeAgeMs - 1)
  assert.deepEqual(await health(), well)
  clock.advance(1)
  assert.deepEqual(await health(), { gateway: 'healthy', services: { auth_service: false, user_service: false } })
  assert.equal(probes, 2)
})

test('a service that does not say whether it is well counts as ill, and does not hold up the answer', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const asked = Promise.withResolvers<void>()
  const auth = naming('auth', () => {
    asked.resolve()
    return new Promise(() => {})
  })
  await using gateway = await startGateway({ auth })
  const answer = say(gateway.port, 'GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  await asked.promise
  // The other service has had its turn to answer.
  await new Promise(setImmediate)
  t.mock.timers.tick(limits.probeTimeoutMs)
  t.mock.timers.reset()
  assert.match((await answer).text, /"auth_service":false,"user_service":true/)
})

test('the keys are those of auth-service, the document is our own, and neither is written to', async () => {
  await using gateway = await startGateway({ auth: naming('auth'), openapi: '{"openapi":"3.1.0","info":{}}' })
  assert.equal(
    await (await fetch(`${gateway.url}/.well-known/jwks.json?x=1`)).text(),
    'auth /auth/.well-known/jwks.json',
  )
  const document = await fetch(`${gateway.url}/openapi.json`)
  assert.match(document.headers.get('content-type') ?? '', /^application\/json/)
  assert.deepEqual(await document.json(), { openapi: '3.1.0', info: {} })
  const head = await fetch(`${gateway.url}/openapi.json`, { method: 'HEAD' })
  assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '29', ''])
  for (const path of ['/health', '/openapi.json', '/.well-known/jwks.json']) {
    const answer = await fetch(gateway.url + path, { method: 'POST', body: 'x' })
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'GET, HEAD'])
  }
})

test("a service of one's own stands behind the gate: its callers are verified and introduced", async () => {
  await using blog = await startServer(
    (req, res) => void res.end(JSON.stringify({ url: req.url, headers: req.headers })),
  )
  await using gateway = await startGateway({
    ownRoutes: [
      { prefix: '/blog', upstreams: [blog.url], access: 'required', stripPrefix: true },
      { prefix: '/wiki', upstreams: [blog.url], access: 'optional', stripPrefix: false },
      { prefix: '/', upstreams: [blog.url], access: 'public', stripPrefix: false },
    ],
  })
  const heard = async (path: string, headers: Record<string, string> = {}) =>
    (await (await fetch(gateway.url + path, { headers: { 'x-user-id': 'mallory', ...headers } })).json()) as {
      readonly url: string
      readonly headers: Readonly<Record<string, string>>
      readonly code?: string
    }

  assert.equal((await heard('/blog/1')).code, 'token-missing')
  assert.equal((await heard('/blog/1', { authorization: 'Bearer a.b.c' })).code, 'token-invalid')
  const verified = await heard('/blog/1?x=%2F', bearer)
  assert.equal(verified.url, '/1?x=%2F')
  assert.deepEqual(
    [verified.headers['x-user-id'], verified.headers['x-session-id'], verified.headers['authorization']],
    [ada.userId, ada.sessionId, bearer.authorization],
  )
  assert.equal((await heard('/blog', bearer)).url, '/')
  assert.equal((await heard('/%62log/2', bearer)).url, '/2')

  assert.equal((await heard('/wiki/1', { authorization: 'Bearer a.b.c' })).code, 'token-invalid')
  assert.equal((await heard('/wiki/1', bearer)).headers['x-user-id'], ada.userId)
  const stranger = await heard('/wiki/1')
  assert.deepEqual([stranger.url, stranger.headers['x-user-id']], ['/wiki/1', undefined])
  assert.equal((await heard('/blogger')).url, '/blogger')
  assert.equal((await gateway.observation(3)).userId, ada.userId)
})

test('a token that cannot be verified now is refused, not guessed at', async () => {
  await using blog = await startServer((_req, res) => void res.end())
  await using gateway = await startGateway({
    ownRoutes: [{ prefix: '/blog', upstreams: [blog.url], access: 'required', stripPrefix: false }],
    verify: async () => {
      throw refuse('verification-unavailable')
    },
  })
  const answer = await fetch(`${gateway.url}/blog`, { headers: bearer })
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '1'])
})

test('a refusal of the gateway names the challenge, and the connection goes on', async () => {
  await using gateway = await startGateway({
    ownRoutes: [{ prefix: '/blog', upstreams: ['http://127.0.0.1:1'], access: 'required', stripPrefix: false }],
  })
  const refused = 'POST /blog HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'
  const { text } = await say(gateway.port, `${refused}GET /users/x HTTP/1.1\r\nHost: a\r\n\r\n`, (all) =>
    all.includes(' 204 '),
  )
  assert.match(text, /^HTTP\/1\.1 401 [^]*www-authenticate: Bearer realm="gatehouse"\r\n[^]*HTTP\/1\.1 204 /i)
})

test('what stands behind a refused frame in the same packet is not executed', async () => {
  const executed: string[] = []
  await using service = await startServer((req, res) => {
    executed.push(req.url ?? '')
    res.end()
  })
  await using gateway = await startGateway({ auth: networked(service.url) })
  const socket = connect(gateway.port, '127.0.0.1')
  socket.write(
    'POST /auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n' +
      'POST /auth/register HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n',
  )
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk))
  await once(socket, 'close')
  assert.match(answer, /^HTTP\/1\.1 400 /)
  assert.deepEqual(executed, [])
})
