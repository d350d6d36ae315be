import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { Handlers, Operations } from '@gatehouse/contract/operation.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { Type } from '@gatehouse/contract/schema.ts'
import type { Answered } from '@gatehouse/observe/answered.ts'
import { application, type Application } from './application.ts'
import { privateNetworks } from './client.ts'
import { listen, type Listening } from './listen.ts'

const operations = {
  health: {
    method: 'GET',
    path: '/health',
    summary: 'Health',
    access: 'public',
    answer: { status: 200, description: 'ok', body: Type.Object({ status: Type.String() }) },
    refusals: [],
  },
  writeNote: {
    method: 'POST',
    path: '/notes/{note_id}',
    summary: 'Write a note',
    access: 'public',
    params: Type.Object({ note_id: Type.String({ maxLength: 8 }) }, { additionalProperties: false }),
    query: Type.Object({ copies: Type.Optional(Type.Integer({ minimum: 1 })) }, { additionalProperties: false }),
    body: Type.Object(
      { text: Type.String({ minLength: 1, maxLength: 5 }), to: Type.Optional(Type.Object({ name: Type.String() })) },
      { additionalProperties: false },
    ),
    answer: { status: 201, description: 'written', body: Type.Object({ text: Type.String() }) },
    refusals: [],
  },
  whoAmI: {
    method: 'POST',
    path: '/me',
    summary: 'Who',
    access: 'bearer',
    answer: { status: 200, description: 'you', body: Type.Object({ user: Type.String(), address: Type.String() }) },
    refusals: [],
  },
  count: {
    method: 'GET',
    path: '/count',
    summary: 'Counts',
    access: 'internal',
    answer: { status: 200, description: 'numbers', body: Type.Object({ n: Type.Integer() }), stream: 'ndjson' },
    refusals: [],
  },
} as const satisfies Operations

const written: unknown[] = []
const handlers: Handlers<typeof operations> = {
  health: async () => ({ status: 'well' }),
  writeNote: async (input) => {
    written.push(input)
    if (input.text === 'boom') throw new Error('the password is hunter2')
    // A member that is not in the answer's schema must not leave, whatever the handler returns.
    return { text: input.text, secret: 'not yours' }
  },
  whoAmI: async (_input, { userId, address }) => ({ user: userId, address }),
  count: async () =>
    (async function* () {
      for (const n of [1, 2, 3]) yield { n }
    })(),
}

describe('an application made of operations', () => {
  const answered: Answered[] = []
  let app: Application
  let server: Listening
  let origin: string

  before(async () => {
    app = await application({
      operations,
      handlers,
      guards: {
        bearer: (rawHeaders) => {
          if (!rawHeaders.includes('Bearer good')) throw refuse('token-invalid')
          return { userId: 'u1', sessionId: 's1', tokenId: 't1', expiresAt: 1 }
        },
        internal: (rawHeaders) => {
          if (!rawHeaders.includes('Bearer inside')) throw refuse('internal-only')
        },
      },
      document: { openapi: '3.1.0' },
      documentPaths: ['/openapi.json'],
      observe: (event) => answered.push(event),
      clock: { now: () => 0, monotonic: () => 0 },
      newRequestId: () => 'made-here',
      traces: { join: (theirs) => `ours after ${theirs}` },
      trustedPeers: privateNetworks(),
      version: '0',
    })
    server = await listen(app.listener, {
      host: '127.0.0.1',
      port: 0,
      speaker: 'service',
      newRequestId: () => 'unread',
    })
    origin = `http://127.0.0.1:${server.port}`
  })
  after(async () => {
    await server.drain(0)
    await app.close()
  })

  const json = { 'content-type': 'application/json' }
  const post = (path: string, body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = json) =>
    fetch(origin + path, { method: 'POST', body, headers })

  test('an answer carries only what its schema names', async () => {
    const response = await post('/notes/1', '{"text":"hi"}')
    assert.equal(response.status, 201)
    assert.deepEqual(await response.json(), { text: 'hi' })
    assert.equal(response.headers.get('server'), null)
    assert.equal(response.headers.get('x-request-id'), 'made-here')
  })

  test('body, query and path come to the handler in one object, numbers read from text', async () => {
    await post('/notes/7?copies=3', '{"text":"hi"}')
    assert.deepEqual(written.at(-1), { text: 'hi', copies: 3, note_id: '7' })
  })

  const refused: readonly (readonly [
    name: string,
    path: string,
    body: string | Buffer<ArrayBuffer>,
    headers: Record<string, string>,
    status: number,
    code: string,
    member?: string,
  ])[] = [
    ['malformed JSON', '/notes/1', '{"text":', json, 400, 'malformed-json'],
    ['bad UTF-8', '/notes/1', Buffer.from([0x22, 0xff, 0x22]), json, 400, 'malformed-json'],
    ['__proto__', '/notes/1', '{"text":"a","__proto__":{"x":1}}', json, 400, 'malformed-json'],
    ['no body', '/notes/1', '', json, 400, 'invalid-request'],
    ['an array', '/notes/1', '[]', json, 400, 'invalid-request'],
    ['null', '/notes/1', 'null', json, 400, 'invalid-request'],
    ['a missing member', '/notes/1', '{}', json, 400, 'invalid-request', '/text'],
    ['an unknown member', '/notes/1', '{"text":"a","more":1}', json, 400, 'invalid-request', '/more'],
    ['a wrong type, not coerced', '/notes/1', '{"text":5}', json, 400, 'invalid-request', '/text'],
    ['a nested wrong type', '/notes/1', '{"text":"a","to":{"name":1}}', json, 400, 'invalid-request', '/to/name'],
    ['an over-long value', '/notes/1', '{"text":"abcdef"}', json, 400, 'invalid-request', '/text'],
    ['an unknown query value', '/notes/1?page=2', '{"text":"a"}', json, 400, 'invalid-request', '?page'],
    ['a query value out of bounds', '/notes/1?copies=0', '{"text":"a"}', json, 400, 'invalid-request', '?copies'],
    [
      'another content type',
      '/notes/1',
      '{"text":"a"}',
      { 'content-type': 'text/plain' },
      415,
      'unsupported-media-type',
    ],
    [
      'another charset',
      '/notes/1',
      '{"text":"a"}',
      { 'content-type': 'application/json; charset=latin1' },
      415,
      'unsupported-media-type',
    ],
    ['a body over the limit', '/notes/1', ' '.repeat(300_000), json, 413, 'body-too-large'],
    ['an unknown path', '/nothing', '{}', json, 404, 'operation-not-found'],
    ['a wrong method', '/health', '{}', json, 405, 'method-not-allowed'],
  ]
  for (const [name, path, body, headers, status, code, member] of refused) {
    test(`${name} is refused with ${status} ${code} and reaches no handler`, async () => {
      const before = written.length
      const response = await post(path, body, headers)
      assert.equal(response.status, status)
      assert.equal(response.headers.get('content-type'), 'application/problem+json')
      const problem = (await response.json()) as Record<string, unknown> & { errors?: { path: string }[] }
      assert.equal(problem['code'], code)
      assert.equal(problem['status'], status)
      assert.equal(problem['message'], problem['title'])
      assert.equal(problem['request_id'], 'made-here')
      if (member !== undefined)
        assert.deepEqual(
          problem.errors?.map((error) => error.path),
          [member],
        )
      assert.equal(written.length, before)
      assert.equal((await fetch(`${origin}/health`)).status, 200)
    })
  }

  test('a wrong method is told which are right', async () => {
    assert.equal((await post('/health', '{}')).headers.get('allow'), 'GET, HEAD')
  })

  test('a fault of ours answers 500 and says nothing of its cause, and the log has all of it', async () => {
    const response = await post('/notes/1', '{"text":"boom"}')
    const text = await response.text()
    assert.equal(response.status, 500)
    assert.ok(!text.includes('hunter2'))
    const event = answered.at(-1)
    assert.equal(event?.code, 'internal-error')
    assert.match(String(event?.err), /hunter2/)
  })

  test('who may not ask is refused before the body is read', async () => {
    const response = await post('/me', ' '.repeat(200_000))
    assert.equal(response.status, 401)
    assert.equal(
      response.headers.get('www-authenticate'),
      'Bearer realm="gatehouse", error="invalid_token", error_description="Invalid token!"',
    )
  })

  test('a refusal without a body to read keeps the connection, with one it is answered and closed', async () => {
    const ask = async (request: string): Promise<string> => {
      const socket = connect(server.port, '127.0.0.1')
      socket.setEncoding('latin1').write(request)
      let text = ''
      for await (const chunk of socket) {
        text += String(chunk)
        if (text.endsWith('}')) break
      }
      return text
    }
    assert.match(
      await ask('GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n'),
      /^HTTP\/1\.1 404 .*connection: keep-alive\r\n/is,
    )
    assert.match(await ask('GET /health HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 .*"code":"malformed-request"/s)
    const half = 'POST /me HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf'
    assert.match(await ask(half), /^HTTP\/1\.1 401 .*connection: close\r\n/is)
  })

  test('an answer to a body that is too large arrives, although the body is still on its way', async () => {
    for (let n = 0; n < 50; n += 1) {
      const response = await post('/notes/1', Buffer.alloc(400_000, 32))
      assert.equal(response.status, 413)
    }
  })

  test('a path that is not UTF-8 is a problem like any other', async () => {
    const response = await fetch(`${origin}/notes/%ff`)
    assert.equal(response.status, 400)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    assert.match(await response.text(), /"code":"malformed-request"/)
  })

  test('what was refused as malformed is not quoted in the log: it may be a password', async () => {
    await post('/notes/1', '{"text":"a","password":hunter2}')
    const event = answered.at(-1)
    assert.equal(event?.code, 'malformed-json')
    assert.equal(event.err, undefined)
  })

  test('of many faults some are told, each by a JSON Pointer', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`a/b~${n}`, 1]))
    const { errors } = (await (await post('/notes/1', JSON.stringify(many))).json()) as { errors: { path: string }[] }
    assert.equal(errors.length, 20)
    assert.ok(errors.some(({ path }) => path.startsWith('/a~1b~0')))
  })

  test('an operation without a body takes no offence at one', async () => {
    for (const [body, type] of [
      ['', 'application/json'],
      ['{}', 'application/json'],
      ['x', 'text/plain'],
    ] as const) {
      const response = await post('/me', body, { authorization: 'Bearer good', 'content-type': type })
      assert.equal(response.status, 200)
    }
  })

  test('the address is what the nearest trusted peer says, and no more', async () => {
    const ask = async (forwarded: string): Promise<unknown> =>
      (await post('/me', '', { authorization: 'Bearer good', 'x-forwarded-for': forwarded })).json()
    assert.deepEqual(await ask('6.6.6.6, 203.0.113.9'), { user: 'u1', address: '203.0.113.9' })
    assert.deepEqual(await ask('<script>'), { user: 'u1', address: '127.0.0.1' })
  })

  test('a request id is taken over when it can be one, and made otherwise', async () => {
    const ask = async (id: string) =>
      (await fetch(`${origin}/health`, { headers: { 'x-request-id': id } })).headers.get('x-request-id')
    assert.equal(await ask('abc-1.2_3'), 'abc-1.2_3')
    assert.equal(await ask('with space'), 'made-here')
    assert.equal(await ask('x'.repeat(129)), 'made-here')
  })

  test('a stream leaves line by line, for those inside alone', async () => {
    const inside = await fetch(`${origin}/count`, { headers: { authorization: 'Bearer inside' } })
    assert.equal(inside.headers.get('content-type'), 'application/x-ndjson')
    assert.equal(await inside.text(), '{"n":1}\n{"n":2}\n{"n":3}\n')
    assert.equal((await fetch(`${origin}/count`)).status, 403)
  })

  test('called without a socket it answers its own health', async () => {
    assert.equal(await app.probe(), true)
    // By this an observer can tell that no gateway stood before it.
    assert.deepEqual([answered.at(-1)?.route, answered.at(-1)?.parent], ['health', undefined])
  })
})
