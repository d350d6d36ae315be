/** A text that is no sound route file, and what is wrong with it. */
type Faulty = readonly (readonly [text: string, ...faults: string[]])[]

const routeMembers =
  'prefix, upstream, access, strip_prefix, methods, rate_limit, cors, body_bytes_max, timeouts, retries, check'
const route = (members: string): string => `routes:\n  - { prefix: /blog, upstream: "http://blog", ${members} }`
const prefixed = (prefix: string): string => `routes: [{ prefix: "${prefix}", upstream: "http://blog" }]`

/** What is refused for what a member is: a JSON Schema can say as much. */
export const faultyByForm: Faulty = [
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
  ['routes: [{ prefix: 1, upstream: "http://a" }]', 'r.yaml:1:20: `prefix` must be text, as in `/blog`'],
  [prefixed('/%61uth'), 'r.yaml:1:20: the prefix /%61uth would hide the built-in /auth'],
  [prefixed('/Users/'), 'r.yaml:1:20: the prefix /Users/ would hide the built-in /users'],
  [prefixed('/' + 'a'.repeat(256)), 'r.yaml:1:20: `prefix` is longer than 256 characters'],
  [route('methods: []'), 'r.yaml:2:56: `methods` must name at least 1'],
  [route('methods: GET'), 'r.yaml:2:56: `methods` must be a list'],
  [route('methods: [GET, GET]'), 'r.yaml:2:62: GET is there already'],
  [route('body_bytes_max: -1'), 'r.yaml:2:63: `body_bytes_max` must be a whole number from 0 to 9007199254740991'],
  [route('body_bytes_max: 1e3x'), 'r.yaml:2:63: `body_bytes_max` must be a whole number from 0 to 9007199254740991'],
  [route('retries: 6'), 'r.yaml:2:56: `retries` must be a whole number from 0 to 5'],
  [route('retries: 1.5'), 'r.yaml:2:56: `retries` must be a whole number from 0 to 5'],
  [route('timeouts: { connect_ms: 0 }'), 'r.yaml:2:71: `connect_ms` must be a whole number from 1 to 86400000'],
  [route('timeouts:'), 'r.yaml:2:57: `timeouts` must be an object'],
  [route('check: {}'), 'r.yaml:2:54: `path` is missing'],
  [route('check: { path: health }'), 'r.yaml:2:62: `path` cannot be health; it is written as in `/health`'],
  [
    route('rate_limit: { requests: 0, per_seconds: 1 }'),
    'r.yaml:2:71: `requests` must be a whole number from 1 to 1000000000',
  ],
  [route('rate_limit: { requests: 1 }'), 'r.yaml:2:59: `per_seconds` is missing'],
  [route('rate_limit: { requests: 1, per_seconds: 1, by: user }'), 'r.yaml:2:94: `by` must be caller or address'],
  [route('cors: {}'), 'r.yaml:2:53: `origins` is missing'],
  [route('cors: { origins: [] }'), 'r.yaml:2:64: `origins` must name at least 1'],
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
]

/** What is refused for how one thing stands to another, be that in the file or built in. */
export const faultyByLaw: Faulty = [
  [prefixed('/auth'), 'r.yaml:1:20: the prefix /auth would hide the built-in /auth'],
  [prefixed('/users/profile'), 'r.yaml:1:20: the prefix /users/profile would hide the built-in /users'],
  [prefixed('/health'), 'r.yaml:1:20: the prefix /health would hide the built-in /health'],
  [
    'routes:\n  - { prefix: /a, upstream: "http://a" }\n  - { prefix: /a, upstream: "http://b" }',
    'r.yaml:3:15: the prefix /a is taken by a route above',
  ],
  [
    'routes: [{ prefix: /, upstream: "http://a", strip_prefix: true }]',
    'r.yaml:1:59: `strip_prefix` has nothing to take from the prefix /',
  ],
  ['routes: [{ prefix: /a, upstream: ["http://b", "http://b:80/"] }]', 'r.yaml:1:47: http://b is there already'],
  [
    'routes: [{ prefix: /a, upstream: "http://b:99999" }]',
    'r.yaml:1:34: `upstream` must be a URL or a list of them, as in `http://blog:3000`',
  ],
  [
    route('timeouts: { deadline_ms: 61999 }'),
    'r.yaml:2:72: `deadline_ms` 61999 ends before `connect_ms` 2000 and `answer_head_ms` 60000 have passed',
  ],
  [route('check: { path: /, every_ms: 1000 }'), 'r.yaml:2:75: `timeout_ms` 2000 is longer than `every_ms` 1000'],
  [
    route('cors: { origins: ["*", "http://a"] }'),
    'r.yaml:2:64: `*` allows every origin: those beside it are never looked at',
  ],
  [
    route('cors: { origins: ["*"], credentials: true }'),
    'r.yaml:2:84: `credentials` with the origin `*`: browsers refuse it, for any page could act as the user',
  ],
  [
    route('methods: [GET], cors: { origins: ["http://a"], methods: [GET, PUT] }'),
    'r.yaml:2:109: `cors` allows PUT, which `methods` of this route does not',
  ],
]

/** What is sound. */
export const sound: readonly string[] = [
  '{}',
  'routes: []',
  '$schema: ./route-file.schema.json',
  prefixed('/'),
  prefixed('/~a/b.c/(d),e=1'),
  prefixed('/authors'),
  prefixed('/health-check'),
  'routes: [{ prefix: /a, upstream: ["https://b", "http://[::1]:8080", "HTTP://C:1/"] }]',
  route('methods: [GET, PROPFIND], retries: 0, body_bytes_max: 0'),
  route('timeouts: { deadline_ms: 62000 }'),
  route('timeouts: {}, check: { path: "/livez?deep=1" }'),
  route('rate_limit: { requests: 1, per_seconds: 1, by: caller }'),
  route('access: public, rate_limit: { requests: 1, per_seconds: 1, by: caller }'),
  route('cors: { origins: ["*"], request_headers: [], exposed_headers: [etag] }'),
  route('cors: { origins: ["https://a.example", "http://[::1]:3000", "capacitor://localhost"], credentials: true }'),
  route('methods: [GET], cors: { origins: ["https://a.example"] }'),
  'cors: { origins: ["https://a.example"] }\nrate_limit: { requests: 1, per_seconds: 1 }',
]
