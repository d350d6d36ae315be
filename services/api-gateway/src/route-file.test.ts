import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from './limits.ts'
import { parseRoutes } from './route-file.ts'
import { faultyByForm, faultyByLaw, sound } from './testing-route-files.ts'

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
  assert.deepEqual(parseRoutes(text, 'routes.yaml').file, {
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
  assert.deepEqual(parseRoutes('routes: []', 'r.yaml').file, { routes: [] })
  assert.deepEqual(parseRoutes('{}', 'r.yaml').file, { routes: [] })
})

for (const [text, ...faults] of [...faultyByForm, ...faultyByLaw]) {
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

for (const text of sound) {
  test(`sound: ${JSON.stringify(text)}`, () => assert.deepEqual(parseRoutes(text, 'r.yaml').faults, undefined))
}
