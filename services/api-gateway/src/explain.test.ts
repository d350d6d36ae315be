import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultSampler, traces } from '@gatehouse/observe/traces.ts'
import { foreseeableIds } from '@gatehouse/testing/foreseeable-ids.ts'
import { explain } from './explain.ts'
import type { MadeUp } from './made-up-request.ts'
import { parseRoutes } from './route-file.ts'

const text = `
cors: { origins: [https://app.example] }
rate_limit: { requests: 100, per_seconds: 60 }
routes:
  - prefix: /shop
    upstream: [http://a, http://b]
    methods: [GET, POST]
    strip_prefix: true
    body_bytes_max: 1000
  - prefix: /shop/window
    upstream: http://c
    access: public
    rate_limit: { requests: 5, per_seconds: 1, by: address }
    timeouts: { connect_ms: 100, answer_head_ms: 200, deadline_ms: 400 }
    retries: 0
`

const explained = async (asked: MadeUp) => {
  const { file, places } = parseRoutes(text, 'routes.yaml')
  assert.ok(file !== undefined)
  const ids = foreseeableIds()
  const clock = { now: () => 0, monotonic: () => 0 }
  return explain({ asked, file, places }, { ids, clock, traces: traces(ids, defaultSampler) })
}

const host = ['Host', 'gate.test'] as const
const token = ['Authorization', 'Bearer header.payload.signature'] as const
const page = ['Origin', 'https://app.example'] as const

test('everything that is decided about a request is told, with the rule behind it and what the service will see', async () => {
  const asked = { target: '/sh%6Fp/cart?x=1', headers: [...host, ...token, ...page, 'X-User-Id', 'forged'] }
  const { text, isRefused } = await explained(asked)
  assert.equal(isRefused, false)
  const lines = text.split('\n').filter((line) => !/request-id|traceparent|forwarded/.test(line))
  assert.deepEqual(lines, [
    'GET /sh%6Fp/cart?x=1',
    '',
    'request     passes every check',
    'path        /shop/cart?x=1, the normal form of what was asked for',
    'route       /shop (routes.yaml:5): the longest prefix that matches',
    'cors        the rule of the file: its page may read the answer',
    '              access-control-allow-origin: https://app.example',
    '              vary: origin',
    'method      GET; the route takes GET, POST',
    'rate limit  100 requests in 60 s for each caller, or each address where nobody is known, by the rule of the file',
    'access      required: the token would be verified',
    'body        at most 1000 bytes on this route',
    'timeouts    connect 2000 ms, head 60000 ms, pause 300000 ms, all attempts 362000 ms',
    'retries     1, of idempotent requests',
    'sent on     GET /cart?x=1 to http://a, http://b',
    '              Authorization: Bearer header.payload.signature',
    '              Origin: https://app.example',
    "              x-user-id: (the token's user)",
    "              x-session-id: (the token's session)",
    "answer      the service's",
    '',
  ])
})

for (const [what, asked, refusing, answer] of [
  [
    'malformed',
    { target: '/shop//cart' },
    'request     empty segment in the path',
    '400 malformed-request: Malformed request',
  ],
  ['without Host', { headers: [] }, 'request     Host is missing', '400 malformed-request: Malformed request'],
  [
    'of a method for machines',
    { method: 'TRACE' },
    'request     TRACE and CONNECT are not forwarded',
    '405 method-not-allowed: Method not allowed',
  ],
  [
    'for nobody',
    { target: '/shops' },
    'route       no prefix matches; there are /auth, /users, /shop, /shop/window',
    '404 service-not-found: Service not found',
  ],
  [
    'for the event feed',
    { target: '/auth/events' },
    'route       no prefix matches; there are /auth, /users, /shop, /shop/window',
    '404 service-not-found: Service not found',
  ],
  [
    'of another method',
    { method: 'PUT', target: '/shop' },
    'method      PUT; the route takes GET, POST',
    '405 method-not-allowed: Method not allowed',
  ],
  [
    'without a token',
    { target: '/shop' },
    'access      required: the token is missing',
    '401 token-missing: Token is missing!',
  ],
  [
    'with other credentials',
    { target: '/shop', headers: [...host, 'Authorization', 'Basic eDp5'] },
    'access      required: the token is not one',
    '401 token-invalid: Invalid token!',
  ],
  [
    'with too long a body',
    { method: 'POST', target: '/shop', headers: [...host, ...token, 'Content-Length', '1001'] },
    'body        at most 1000 bytes on this route',
    '413 body-too-large: Body too large',
  ],
] as const) {
  test(`a request ${what} is refused, and what would have come after is not told`, async () => {
    const { text, isRefused } = await explained(asked)
    assert.ok(isRefused)
    assert.deepEqual(text.trimEnd().split('\n').slice(-2), [`${refusing}: refused`, `answer      ${answer}`])
  })
}

for (const [what, asked, ...told] of [
  [
    'the shorter prefixes that match as well',
    { target: '/shop/window/7' },
    'route       /shop/window (routes.yaml:10): the longest prefix that matches; so do /shop',
  ],
  [
    'the rule of the route before that of the file',
    { target: '/shop/window' },
    'rate limit  5 requests in 1 s for each address, by the rule of the route',
    'timeouts    connect 100 ms, head 200 ms, pause 300000 ms, all attempts 400 ms',
    'retries     0, of idempotent requests',
    'access      public: the token, if there is one, is for the service to look at',
    'sent on     GET /shop/window to http://c',
  ],
  [
    'a built-in prefix',
    { target: '/users/profile' },
    'route       /users, built in: the longest prefix that matches',
    'sent on     GET /users/profile to user-service',
  ],
  [
    'what the gateway answers itself',
    { target: '/health' },
    "route       /health, built in: the gateway's own operation",
    'sent on     nothing',
    "answer      the gateway's own",
  ],
  [
    'what auth-service answers for the gateway',
    { target: '/.well-known/jwks.json' },
    'sent on     GET /auth/.well-known/jwks.json to auth-service',
  ],
  [
    'a preflight',
    { method: 'OPTIONS', target: '/shop', headers: [...host, ...page, 'Access-Control-Request-Method', 'POST'] },
    'method      a preflight: the gateway answers it itself',
    '              access-control-max-age: 600',
    "answer      the gateway's own",
  ],
  [
    'a page of an unknown origin',
    { target: '/users', headers: [...host, 'Origin', 'https://evil.example'] },
    'cors        the rule of the file: no other origin may read the answer',
  ],
] as const) {
  test(`it tells ${what}`, async () => {
    const { text } = await explained(asked)
    for (const line of told) assert.ok(text.split('\n').includes(line), `${line}\nis not in\n${text}`)
  })
}
