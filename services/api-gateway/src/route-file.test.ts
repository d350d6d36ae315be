import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRoutes } from './route-file.ts'

test('a route file says prefix, upstream, access and strip_prefix; what it leaves out is the careful choice', () => {
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
    routes: [
      { prefix: '/blog', upstreams: ['http://blog:3000'], access: 'required', stripPrefix: false },
      { prefix: '/shop', upstreams: ['https://shop-1', 'http://10.0.0.2:8080'], access: 'optional', stripPrefix: true },
      { prefix: '/', upstreams: ['http://[::1]:9000'], access: 'public', stripPrefix: false },
    ],
  })
})

test('JSON is read as well, also with tabs', () => {
  const text = JSON.stringify(
    { routes: [{ prefix: '/blog', upstream: 'http://blog:3000', access: 'public' }] },
    null,
    '\t',
  )
  assert.deepEqual(parseRoutes(text, 'routes.json').routes, [
    { prefix: '/blog', upstreams: ['http://blog:3000'], access: 'public', stripPrefix: false },
  ])
})

test('a file without routes is a file without routes', () => {
  assert.deepEqual(parseRoutes('routes: []', 'r.yaml'), { routes: [] })
})

const route = (members: string): string => `routes:\n  - { prefix: /blog, upstream: "http://blog", ${members} }`
const prefixed = (prefix: string): string => `routes: [{ prefix: "${prefix}", upstream: "http://blog" }]`

for (const [text, ...faults] of [
  ['', 'r.yaml:1:1: the file must be an object with the member `routes`'],
  ['[]', 'r.yaml:1:1: the file must be an object with the member `routes`'],
  ['routs: []', 'r.yaml:1:1: unknown member `routs`; known are routes', 'r.yaml:1:1: `routes` must be a list'],
  ['routes: {}', 'r.yaml:1:9: `routes` must be a list'],
  ['routes: [1]', 'r.yaml:1:10: a route must be an object'],
  [route('acces: public'), 'r.yaml:2:47: unknown member `acces`; known are prefix, upstream, access, strip_prefix'],
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
  ['routes: [{ prefix: /a, upstream: [] }]', 'r.yaml:1:34: `upstream` must name at least one URL'],
  ['routes: [{ prefix: /a, upstream: "ftp://b" }]', 'r.yaml:1:34: the upstream ftp://b must be http or https'],
  [
    'routes: [{ prefix: /a, upstream: "http://u:p@b" }]',
    'r.yaml:1:34: an upstream must not carry a user name or password',
  ],
  [
    'routes: [{ prefix: /a, upstream: "http://b/api" }]',
    'r.yaml:1:34: the upstream http://b/api must end after the host and port: the path comes from the request',
  ],
  [
    'routes:\n  - {}',
    'r.yaml:2:5: `prefix` must be text, as in `/blog`',
    'r.yaml:2:5: `upstream` must be a URL or a list of them, as in `http://blog:3000`',
  ],
  [
    'routes:\n  - { prefix: /a, upstream: "http://a" }\n  - { prefix: /a, upstream: "http://b" }',
    'r.yaml:3:15: the prefix /a is taken by a route above',
  ],
] as const) {
  test(`at fault: ${JSON.stringify(text)}`, () => assert.deepEqual(parseRoutes(text, 'r.yaml'), { faults }))
}

test('all faults are told at once', () => {
  const text = 'routes:\n  - { prefix: a, upstream: b, access: c }\n  - { prefix: /d, upstream: "http://d", e: f }'
  assert.equal(parseRoutes(text, 'r.yaml').faults?.length, 4)
})

for (const text of ['routes: [', 'routes: []\nroutes: []', '{"routes": [}', 'a: *nowhere', 'routes: !!js/function x']) {
  test(`not YAML, or not the YAML we read: ${JSON.stringify(text)}`, () => {
    assert.match(parseRoutes(text, 'r.yaml').faults?.[0] ?? '', /^r\.yaml:\d+:\d+: ./)
  })
}
