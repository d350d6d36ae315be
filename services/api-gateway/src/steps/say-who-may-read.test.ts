import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cors } from '../own-route.ts'
import { ask } from '../testing-ways.ts'
import { startGateway, startServer } from '../testing.ts'

const page = 'https://app.example'

const cors: Cors = {
  origins: [page, 'https://other.example'],
  methods: ['GET', 'PUT'],
  requestHeaders: ['authorization', 'content-type'],
  exposedHeaders: ['etag'],
  credentials: true,
  maxAgeSeconds: 600,
}

const forAll: Cors = { ...cors, origins: ['*'], credentials: false, exposedHeaders: [] }

/** A gateway before a service that has its own opinion on who may read. */
const opened = async (rules: { readonly cors?: Cors; readonly everywhere?: Cors }) => {
  const heard: string[] = []
  const service = await startServer((req, res) => {
    heard.push(req.method ?? '')
    res.setHeader('Access-Control-Allow-Origin', '*')
    res.setHeader('Access-Control-Expose-Headers', 'x-inner')
    res.setHeader('Vary', 'Accept-Encoding')
    res.end('answer')
  })
  const gateway = await startGateway({
    everywhere: rules.everywhere === undefined ? {} : { cors: rules.everywhere },
    ownRoutes: [
      {
        prefix: '/blog',
        upstreams: [service.url],
        access: 'optional',
        methods: ['GET', 'PUT'],
        ...(rules.cors === undefined ? {} : { cors: rules.cors }),
      },
    ],
  })
  /** What an answer says of CORS, and its status. */
  const said = async (asked: Parameters<typeof ask>[1]) => {
    const answer = await ask(gateway, { path: '/blog', ...asked })
    answer.resume()
    const fields = Object.entries(answer.headers).filter(([name]) => /^access-control-|^vary$/.test(name))
    return { status: answer.statusCode, ...Object.fromEntries(fields) }
  }
  return {
    heard,
    said,
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]()
      await service[Symbol.asyncDispose]()
    },
  }
}

const preflight = (origin: string) => ({
  method: 'OPTIONS',
  headers: {
    Origin: origin,
    'Access-Control-Request-Method': 'PUT',
    'Access-Control-Request-Headers': 'authorization',
  },
})

test('a preflight is answered by the gateway, though the route takes no OPTIONS, and the service hears nothing', async () => {
  await using gate = await opened({ cors })
  assert.deepEqual(await gate.said(preflight(page)), {
    status: 204,
    vary: 'origin',
    'access-control-allow-origin': page,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET, PUT',
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-max-age': '600',
  })
  assert.deepEqual(gate.heard, [])
})

test('a preflight of a page that may not is answered, and permits nothing', async () => {
  await using gate = await opened({ cors })
  assert.deepEqual(await gate.said(preflight('https://evil.example')), { status: 204, vary: 'origin' })
})

test('a preflight does not need the token that it asks leave to send', async () => {
  await using gate = await opened({ cors })
  const { status } = await gate.said({
    ...preflight(page),
    headers: { ...preflight(page).headers, authorization: 'x' },
  })
  assert.equal(status, 204)
})

test('a preflight for a path that nobody serves is a 404', async () => {
  await using gate = await opened({ cors, everywhere: cors })
  assert.deepEqual(await gate.said({ ...preflight(page), path: '/none' }), { status: 404 })
})

test('what the gateway says of an answer is in the place of what the service says; both say what it varies by', async () => {
  await using gate = await opened({ cors })
  assert.deepEqual(await gate.said({ headers: { origin: page } }), {
    status: 200,
    vary: 'origin, Accept-Encoding',
    'access-control-allow-origin': page,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'etag',
  })
})

for (const [what, headers] of [
  ['of another origin', { origin: 'https://evil.example' }],
  ['of an origin that only begins like a known one', { origin: `${page}.evil.example` }],
  ['in another case', { origin: page.toUpperCase() }],
  ['without an origin', {}],
  ['with two origins', ['Origin', page, 'Origin', 'https://other.example', 'Host', 'gate.test']],
  ['of a frame in a sandbox', { origin: 'null' }],
] as const) {
  test(`a request ${what} is answered, and nobody else may read it, whatever the service says`, async () => {
    await using gate = await opened({ cors })
    assert.deepEqual(await gate.said({ headers }), { status: 200, vary: 'origin, Accept-Encoding' })
  })
}

for (const [status, asked] of [
  [405, { method: 'DELETE', headers: { origin: page } }],
  [405, { method: 'OPTIONS', headers: { origin: page } }],
  [401, { headers: { origin: page, authorization: 'Bearer bad' } }],
] as const) {
  test(`a page may read the gateway's own ${status} too`, async () => {
    await using gate = await opened({ cors })
    const answer = await gate.said(asked)
    assert.equal(answer.status, status)
    assert.deepEqual(
      { ...answer },
      {
        status,
        vary: 'origin',
        'access-control-allow-origin': page,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'etag',
      },
    )
  })
}

test('where every page may read, all are told the same, and caches keep one answer', async () => {
  await using gate = await opened({ cors: forAll })
  const told = { status: 200, vary: 'Accept-Encoding', 'access-control-allow-origin': '*' }
  assert.deepEqual(await gate.said({ headers: { origin: page } }), told)
  assert.deepEqual(await gate.said({}), told)
  assert.deepEqual(await gate.said(preflight('https://any.example')), {
    status: 204,
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, PUT',
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-max-age': '600',
  })
})

for (const path of ['/auth/login', '/users/profile', '/health', '/blog']) {
  test(`what the file says for all routes holds for ${path}`, async () => {
    await using gate = await opened({ everywhere: cors })
    assert.equal(((await gate.said({ path, headers: { origin: page } })) as Told)['access-control-allow-origin'], page)
    assert.equal(((await gate.said({ path, ...preflight(page) })) as Told)['access-control-max-age'], '600')
  })
}

/** Fields by name: what was asked for may be missing. */
type Told = Readonly<Record<string, unknown>>

test('a rule of its own stands in the place of the rule for all', async () => {
  await using gate = await opened({ cors: forAll, everywhere: cors })
  assert.equal(((await gate.said({ headers: { origin: page } })) as Told)['access-control-allow-origin'], '*')
})

test('without a rule the service speaks for itself, preflights and all', async () => {
  await using gate = await opened({})
  assert.deepEqual(await gate.said({ headers: { origin: page } }), {
    status: 200,
    vary: 'Accept-Encoding',
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'x-inner',
  })
  assert.equal((await gate.said(preflight(page))).status, 405)
})
