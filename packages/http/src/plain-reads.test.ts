import assert from 'node:assert/strict'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, suite, test } from 'node:test'
import type { Handlers, Operations } from '@gatehouse/contract/operation.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { Type } from '@gatehouse/contract/schema.ts'
import { secret } from '@gatehouse/contract/secret.ts'
import type { Answered } from '@gatehouse/observe/answered.ts'
import { application, type Application } from './application.ts'
import { privateNetworks } from './client.ts'
import { listen, type Listening } from './listen.ts'
import { lanedReads } from './plain-reads.ts'

const clock = { now: () => 0, monotonic: () => 0 }
const answer = { status: 200, description: 'ok' } as const
const me = Type.Object({ user: Type.String(), address: Type.String(), agent: Type.Optional(Type.String()) })

const operations = {
  me: { method: 'GET', path: '/me', summary: 'M', access: 'bearer', answer: { ...answer, body: me }, refusals: [] },
  key: {
    method: 'GET',
    path: '/key',
    summary: 'K',
    access: 'public',
    answer: { ...answer, body: Type.Object({ key: Type.String(secret) }) },
    refusals: [],
  },
} as const satisfies Operations

const handlers: Handlers<typeof operations> = {
  me: async (_input, { userId, address, userAgent }) => {
    if (userAgent === 'breaks') throw new Error('the password is hunter2')
    if (userAgent === 'away') throw refuse('database-unavailable', { retryAfterSeconds: 1 })
    // A member that is not in the schema must not leave.
    return { user: userId, address, ...(userAgent === undefined ? {} : { agent: userAgent }), more: 'private' }
  },
  key: async () => ({ key: '\u{1f511} k\u00e9y' }),
}

type Row = { readonly name: string; readonly path?: string; readonly headers: readonly (readonly [string, string])[] }

const token = ['authorization', 'Bearer good'] as const
const rows: readonly Row[] = [
  { name: 'a good token', headers: [token] },
  { name: 'a token that takes time to verify', headers: [['Authorization', 'Bearer later']] },
  { name: 'a token that turns out bad in time', headers: [['Authorization', 'Bearer too late']] },
  { name: 'no token', headers: [] },
  { name: 'a bad token', headers: [['authorization', 'Bearer bad']] },
  { name: 'a bug', headers: [token, ['user-agent', 'breaks']] },
  { name: 'a database that is away', headers: [token, ['user-agent', 'away']] },
  { name: 'a request with a name', headers: [token, ['X-Request-Id', 'mine']] },
  { name: 'a request with two names', headers: [token, ['x-request-id', 'mine'], ['x-request-id', 'yours']] },
  { name: 'a name that may not be', headers: [token, ['x-request-id', 'a b']] },
  { name: 'a trace', headers: [token, ['traceparent', 'theirs']] },
  { name: 'two traces', headers: [token, ['traceparent', 'theirs'], ['traceparent', 'others']] },
  { name: 'a forwarded client', headers: [token, ['x-forwarded-for', '203.0.113.7, ::ffff:203.0.113.9']] },
  { name: 'two of them', headers: [token, ['x-forwarded-for', '203.0.113.7'], ['x-forwarded-for', '203.0.113.8']] },
  { name: 'one that is no address', headers: [token, ['x-forwarded-for', 'unknown']] },
  {
    name: 'two agents, the first of them long',
    headers: [token, ['user-agent', 'a'.repeat(300)], ['user-agent', 'b']],
  },
  { name: 'a secret, not in ASCII', path: '/key', headers: [] },
  { name: 'a body of no bytes', headers: [token, ['content-length', '0']] },
]

suite('an operation that reads nothing but the token', () => {
  const observed: Answered[] = []
  let app: Application
  const servers: Listening[] = []
  before(async () => {
    app = await application({
      operations,
      handlers,
      guards: {
        bearer: (rawHeaders) => {
          const bearer = { userId: 'u1', sessionId: 's1', tokenId: 't1', expiresAt: 1 }
          if (rawHeaders.includes('Bearer later')) return Promise.resolve(bearer)
          if (rawHeaders.includes('Bearer too late')) return Promise.reject(refuse('token-revoked'))
          if (rawHeaders.includes('Bearer good')) return bearer
          throw refuse('token-invalid')
        },
        internal: () => {},
      },
      document: {},
      documentPaths: [],
      observe: (event) => observed.push(event),
      clock,
      newRequestId: () => 'made-here',
      traces: { join: (theirs) => `ours after ${theirs}` },
      trustedPeers: privateNetworks(),
      version: '0',
    })
    const door = { host: '127.0.0.1', port: 0, speaker: 'service', newRequestId: () => 'unread' } as const
    servers.push(await listen(app.listener, door))
    servers.push(await listen(app.listener, { ...door, lane: { ...lanedReads(app.reads), clock } }))
  })
  after(async () => {
    for (const server of servers) await server.drain(0)
    await app.close()
  })

  const ask = async (port: number, path: string, headers: Row['headers']) => {
    observed.length = 0
    const sent = request({ port, host: '127.0.0.1', path, setDefaultHeaders: false })
    sent.setHeader('host', 'here')
    for (const [name, value] of headers) sent.appendHeader(name, value)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve).on('error', reject).end()
    })
    const body = await text(response)
    const { date: _, ...fields } = response.headers
    // The framework tells when the last byte has left, which may be after it has arrived.
    for (let turns = 0; observed.length === 0 && turns < 1_000; turns += 1)
      await new Promise((resolve) => void setImmediate(resolve))
    return { status: response.statusCode, fields, body, observed: [...observed] }
  }

  for (const { name, path = '/me', headers } of rows) {
    test(`is answered and told of as the framework would: ${name}`, async () => {
      const [first, second] = servers
      assert.ok(first && second)
      // With a query, even an empty one, it is the framework's.
      const byFramework = await ask(first.port, `${path}?`, headers)
      assert.deepEqual(await ask(first.port, path, headers), byFramework)
      assert.deepEqual(await ask(second.port, path, headers), byFramework)
      assert.equal(byFramework.observed.length, 1)
    })
  }

  test('is not taken for anything more than a read', () => {
    const { takes } = lanedReads(app.reads)
    const asked = [
      ['GET', '/me'],
      ['HEAD', '/me'],
      ['DELETE', '/me'],
      ['GET', '/me?'],
      ['GET', '/me/'],
      ['GET', '/ME'],
      ['GET', '/__proto__'],
    ] as const
    assert.deepEqual(
      asked.filter(([method, target]) => takes?.(method, target)),
      [['GET', '/me']],
    )
  })
})
