import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from './limits.ts'
import { parseRoutes } from './route-file.ts'

const blog = {
  prefix: '/blog',
  upstreams: ['http://blog:3000'],
  access: 'required',
  stripPrefix: false,
  timeouts: {
    connectMs: limits.connectTimeoutMs,
    answerHeadMs: limits.answerHeadTimeoutMs,
    answerPauseMs: limits.answerPauseMs,
    deadlineMs: 362_000,
  },
  retriesMax: 1,
} as const

test('what a route leaves out is the careful choice', () => {
  const text = `
routes:
  - prefix: /blog
    upstream: http://blog:3000
  - prefix: /shop
    upstream: [https://shop-1, "http://10.0.0.2:8080/"]
    access: optional
    strip_prefix: true
  - { prefix: /, upstream: "http://[::1]:9000", access: public }
`
  assert.deepEqual(parseRoutes(text, 'routes.yaml'), {
    file: {
      routes: [
        blog,
        {
          ...blog,
          prefix: '/shop',
          upstreams: ['https://shop-1', 'http://10.0.0.2:8080'],
          access: 'optional',
          stripPrefix: true,
        },
        { ...blog, prefix: '/', upstreams: ['http://[::1]:9000'], access: 'public' },
      ],
    },
  })
})

test('everything that can be said is read, and what is written once can be named again', () => {
  const text = `
$schema: docs/route-file.schema.json
cors: &pages
  origins: [https://app.example, "http://localhost:5173"]
rate_limit: { requests: 100, per_seconds: 60 }
routes:
  - prefix: /blog
    upstream: http://blog:3000
    methods: [GET, HEAD, PUT]
    rate_limit: { requests: 5, per_seconds: 1, by: address }
    cors: *pages
    body_bytes_max: 1048576
    timeouts: { connect_ms: 100, answer_head_ms: 1000, answer_pause_ms: 5000, deadline_ms: 1500 }
    retries: 0
    check: { path: /livez, every_ms: 1000, timeout_ms: 500 }
`
  const cors = {
    origins: ['https://app.example', 'http://localhost:5173'],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    requestHeaders: ['authorization', 'content-type'],
    exposedHeaders: [],
    credentials: false,
    maxAgeSeconds: 600,
  }
  assert.deepEqual(parseRoutes(text, 'routes.yaml').file, {
    cors,
    rateLimit: { by: 'caller', requests: 100, windowSeconds: 60 },
    routes: [
      {
        ...blog,
        methods: ['GET', 'HEAD', 'PUT'],
        rateLimit: { by: 'address', requests: 5, windowSeconds: 1 },
        cors,
        bodyBytesMax: 1_048_576,
        timeouts: { connectMs: 100, answerHeadMs: 1_000, answerPauseMs: 5_000, deadlineMs: 1_500 },
        retriesMax: 0,
        check: { path: '/livez', everyMs: 1_000, timeoutMs: 500 },
      },
    ],
  })
})

test('JSON is read as well, also with tabs', () => {
  const text = JSON.stringify({ routes: [{ prefix: '/blog', upstream: 'http://blog:3000' }] }, null, '\t')
  assert.deepEqual(parseRoutes(text, 'routes.json').file, { routes: [blog] })
})

test('a file without routes is a file without routes', () => {
  assert.deepEqual(parseRoutes('routes: []', 'r.yaml'), { file: { routes: [] } })
  assert.deepEqual(parseRoutes('{}', 'r.yaml'), { file: { routes: [] } })
})

const routeMembers =
  'prefix, upstream, access, strip_prefix, methods, rate_limit, cors, body_bytes_max, timeouts, retries, check'
const route = (members: string): string => `routes:\n  - { prefix: /blog, upstream: "http://blog", ${members} }`
const prefixed = (prefix: string): string => `routes: [{ prefix: "${prefix}", upstream: "http://blog" }]`

for (const [text, ...faults] of [
  ['', 'r.yaml:1:1: the file must be an object'],
  ['[]', 'r.yaml:1:1: the file must be an object'],
  ['routs: []', 'r.yaml:1:1: unknown member `routs`; known are $schema, cors, rate_limit, routes'],
  ['routes: {}', 'r.yaml:1:9: `routes` must be a list'],
  ['routes: [1]', 'r.yaml:1:10: `routes` must be an object'],
  [route('acces: public'), 'r.yaml:2:47: unknown member `acces`; known are ' + routeMembers],
  [route('access: private'), 'r.yaml:2:55: `access` must be public, optional or required'],
  [route('strip_prefix: "yes"'), 'r.yaml:2:61: `strip_prefix` must be true or false'],
  [prefixed('blog'), 'r.yaml:1:20: the prefix blog must begin with a slash'],
  [prefixed('/blog/'), 'r.yaml:1:20: the prefix /blog/ must end without a slash; it matches whole segments anyway'],
  [
    prefixed('/a//b'),
    'r.yaml:1:20: the prefix /a//b is not a path in normal form, without escapes, query or dot segments',
  ],
  [
    prefixed('/a/../b'),
    'r.yaml:1:20: the prefix /a/../b is not a path in normal form, without escapes, query or dot segments',
  ],
  [
    prefixed('/a%20b'),
    'r.yaml:1:20: the prefix /a%20b is not a path in normal form, without escapes, query or dot segments',
  ],
  [
    prefixed('/a?b'),
    'r.yaml:1:20: the prefix /a?b is not a path in normal form, without escapes, query or dot segments',
  ],
  [prefixed('/auth'), 'r.yaml:1:20: the prefix /auth would hide the built-in /auth'],
  [prefixed('/users/profile'), 'r.yaml:1:20: the prefix /users/profile would hide the built-in /users'],
  [prefixed('/health'), 'r.yaml:1:20: the prefix /health would hide the built-in /health'],
  [
    'routes: [{ prefix: /a, upstream: blog }]',
    'r.yaml:1:34: `upstream` must be a URL or a list of them, as in `http://blog:3000`',
  ],
  ['routes: [{ prefix: /a, upstream: [] }]', 'r.yaml:1:34: `upstream` must name at least 1'],
  ['routes: [{ prefix: /a, upstream: "ftp://b" }]', 'r.yaml:1:34: the upstream ftp://b must be http or https'],
  [
    'routes: [{ prefix: /a, upstream: "http://u:p@b" }]',
    'r.yaml:1:34: an upstream must not carry a user name or password',
  ],
  [
    'routes: [{ prefix: /a, upstream: "http://b/api" }]',
    'r.yaml:1:34: the upstream http://b/api must end after the host and port: the path comes from the request',
  ],
  ['routes:\n  - {}', 'r.yaml:2:5: `prefix` is missing', 'r.yaml:2:5: `upstream` is missing'],
  [
    'routes:\n  - { prefix: /a, upstream: "http://a" }\n  - { prefix: /a, upstream: "http://b" }',
    'r.yaml:3:15: the prefix /a is taken by a route above',
  ],
  ['routes: [{ prefix: 1, upstream: "http://a" }]', 'r.yaml:1:20: `prefix` must be text, as in `/blog`'],
  [prefixed('/%61uth'), 'r.yaml:1:20: the prefix /%61uth would hide the built-in /auth'],
  [prefixed('/Users/'), 'r.yaml:1:20: the prefix /Users/ would hide the built-in /users'],
  [prefixed('/' + 'a'.repeat(256)), 'r.yaml:1:20: `prefix` is longer than 256 characters'],
  [
    'routes: [{ prefix: /, upstream: "http://a", strip_prefix: true }]',
    'r.yaml:1:59: `strip_prefix` has nothing to take from the prefix /',
  ],
  ['routes: [{ prefix: /a, upstream: ["http://b", "http://b:80/"] }]', 'r.yaml:1:47: http://b is there already'],
  [
    'routes: [{ prefix: /a, upstream: "http://b:99999" }]',
    'r.yaml:1:34: `upstream` must be a URL or a list of them, as in `http://blog:3000`',
  ],
  [route('methods: []'), 'r.yaml:2:56: `methods` must name at least 1'],
  [route('methods: GET'), 'r.yaml:2:56: `methods` must be a list'],
  [route('methods: [GET, GET]'), 'r.yaml:2:62: GET is there already'],
  [route('body_bytes_max: -1'), 'r.yaml:2:63: `body_bytes_max` must be a whole number from 0 to 9007199254740991'],
  [route('body_bytes_max: 1e3x'), 'r.yaml:2:63: `body_bytes_max` must be a whole number from 0 to 9007199254740991'],
  [route('retries: 6'), 'r.yaml:2:56: `retries` must be a whole number from 0 to 5'],
  [route('retries: 1.5'), 'r.yaml:2:56: `retries` must be a whole number from 0 to 5'],
  [route('timeouts: { connect_ms: 0 }'), 'r.yaml:2:71: `connect_ms` must be a whole number from 1 to 86400000'],
  [
    route('timeouts: { deadline_ms: 61999 }'),
    'r.yaml:2:72: `deadline_ms` 61999 ends before `connect_ms` 2000 and `answer_head_ms` 60000 have passed',
  ],
  [route('timeouts:'), 'r.yaml:2:57: `timeouts` must be an object'],
  [route('check: {}'), 'r.yaml:2:54: `path` is missing'],
  [route('check: { path: health }'), 'r.yaml:2:62: `path` cannot be health; it is written as in `/health`'],
  [route('check: { path: /, every_ms: 1000 }'), 'r.yaml:2:75: `timeout_ms` 2000 is longer than `every_ms` 1000'],
  [
    route('rate_limit: { requests: 0, per_seconds: 1 }'),
    'r.yaml:2:71: `requests` must be a whole number from 1 to 1000000000',
  ],
  [route('rate_limit: { requests: 1 }'), 'r.yaml:2:59: `per_seconds` is missing'],
  [route('rate_limit: { requests: 1, per_seconds: 1, by: user }'), 'r.yaml:2:94: `by` must be caller or address'],
  [
    route('access: public, rate_limit: { requests: 1, per_seconds: 1, by: caller }'),
    'r.yaml:2:110: `by: caller` on a public route, where nobody is known: it would count by address',
  ],
  [route('cors: {}'), 'r.yaml:2:53: `origins` is missing'],
  [route('cors: { origins: [] }'), 'r.yaml:2:64: `origins` must name at least 1'],
  [
    route('cors: { origins: ["*", "http://a"] }'),
    'r.yaml:2:64: `*` allows every origin: those beside it are never looked at',
  ],
  [
    route('cors: { origins: ["*"], credentials: true }'),
    'r.yaml:2:84: `credentials` with the origin `*`: browsers refuse it, for any page could act as the user',
  ],
  [route('cors: { origins: ["null"] }'), 'r.yaml:2:65: the origin null is anybody, and cannot be allowed'],
  [
    route('cors: { origins: ["https://*.a"] }'),
    'r.yaml:2:65: the origin https://*.a is a pattern: name each origin, or allow every one with * alone',
  ],
  [
    route('cors: { origins: ["https://A.example:443/"] }'),
    'r.yaml:2:65: browsers write the origin https://A.example:443/ as https://a.example, and would never match',
  ],
  [
    route('cors: { origins: ["a.example"] }'),
    'r.yaml:2:65: the origin a.example must be scheme, host and port, as in https://app.example',
  ],
  [
    route('cors: { origins: ["http://a"], request_headers: ["*"] }'),
    'r.yaml:2:96: `request_headers` cannot be *; it is written as in `content-type`',
  ],
  [
    route('cors: { origins: ["http://a"], max_age_seconds: 86401 }'),
    'r.yaml:2:95: `max_age_seconds` must be a whole number from 0 to 86400',
  ],
  [
    route('methods: [GET], cors: { origins: ["http://a"], methods: [GET, PUT] }'),
    'r.yaml:2:109: `cors` allows PUT, which `methods` of this route does not',
  ],
] as const) {
  test(`at fault: ${JSON.stringify(text)}`, () => assert.deepEqual(parseRoutes(text, 'r.yaml'), { faults }))
}

test('all faults are told at once, in the order of the file', () => {
  const text = `
routes:
  - { prefix: a, upstream: b, access: c }
  - { prefix: /d, upstream: "http://d", e: f }
  - { prefix: /d, upstream: "http://d", retries: many }
cors: { origins: [d] }
`
  const faults = parseRoutes(text, 'r.yaml').faults ?? []
  assert.deepEqual(
    faults.map((fault) => fault.split(':', 2).join(':')),
    ['r.yaml:3', 'r.yaml:3', 'r.yaml:3', 'r.yaml:4', 'r.yaml:5', 'r.yaml:5', 'r.yaml:6'],
  )
})

for (const text of [
  'routes: [',
  'routes: []\nroutes: []',
  '{"routes": [}',
  'a: *nowhere',
  'routes: &a [*a]',
  'routes: !!js/function x',
]) {
  test(`not YAML, or not the YAML we read: ${JSON.stringify(text)}`, () => {
    assert.match(parseRoutes(text, 'r.yaml').faults?.[0] ?? '', /^r\.yaml:\d+:\d+: ./)
  })
}
