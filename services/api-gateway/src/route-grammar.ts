import { limits } from './limits.ts'
import type { Check, Cors, OwnRoute, RateLimit, RouteFile, Timeouts } from './own-route.ts'
import { corsLaws, fileLaws, checkLaws, routeLaws, timeoutLaws } from './route-laws.ts'
import { prefixForm, wrongOrigin, wrongPrefix, wrongUpstream } from './route-words.ts'
import {
  as,
  listOf,
  needed,
  object,
  oneOf,
  oneOrMore,
  optional,
  otherwise,
  text,
  truth,
  whole,
  type Shape,
} from './shape.ts'

const methods = oneOf(
  ...(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const),
  // WebDAV and its relatives: what Node's parser knows beside those. CONNECT and TRACE never come this far.
  ...(['COPY', 'LINK', 'LOCK', 'MKCALENDAR', 'MKCOL', 'MOVE', 'PROPFIND', 'PROPPATCH', 'QUERY', 'REBIND'] as const),
  ...(['ACL', 'BIND', 'CHECKOUT', 'MERGE', 'MKACTIVITY', 'NOTIFY', 'PURGE', 'REPORT', 'SEARCH', 'SUBSCRIBE'] as const),
  ...(['UNBIND', 'UNLINK', 'UNLOCK', 'UNSUBSCRIBE'] as const),
)

const milliseconds = whole(1, limits.routeTimeoutMsMax)

/** A token (RFC 9110, section 5.6.2) without the asterisk, which would mean all in one place and itself in another. */
const fieldName = text(/^[!#$%&'+.^_`|~0-9A-Za-z-]+$/, 'content-type', { charactersMax: 256 })

const origin = text(
  /^(?:\*|[a-z][a-z0-9+.-]*:\/\/(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?)$/,
  'https://app.example',
  {
    wrong: wrongOrigin,
  },
)

const rateLimit: Shape<RateLimit> = as(
  object({
    requests: needed(
      whole(1, limits.rateRequestsMax),
      'So many requests in any window; the next ones are refused with 429.',
    ),
    per_seconds: needed(whole(1, limits.rateWindowSecondsMax), 'How long the window is.'),
    by: otherwise(
      'caller',
      oneOf('caller', 'address'),
      'Counted for each caller, or for each address where nobody is known; or always for each address.',
    ),
  }),
  ({ requests, per_seconds: windowSeconds, by }) => ({ by, requests, windowSeconds }),
)

const cors: Shape<Cors> = as(
  object(
    {
      origins: needed(
        listOf(origin, 1, limits.corsNamesMax),
        'The origins whose pages may read the answers, or `*` alone: those of every origin.',
      ),
      methods: otherwise(
        ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        listOf(methods, 1, limits.corsNamesMax),
        'The methods that those pages may use. GET, HEAD and POST need no permission.',
      ),
      request_headers: otherwise(
        ['authorization', 'content-type'],
        listOf(fieldName, 0, limits.corsNamesMax),
        'The header fields that those pages may send, beside those that need no permission.',
      ),
      exposed_headers: otherwise(
        [],
        listOf(fieldName, 0, limits.corsNamesMax),
        'The header fields of the answer that those pages may read, beside those that need no permission.',
      ),
      credentials: otherwise(false, truth, 'Whether those pages may send cookies. Never together with `*`.'),
      max_age_seconds: otherwise(
        limits.corsAgeSeconds,
        whole(0, limits.corsAgeSecondsMax),
        'How long a browser may remember the permission.',
      ),
    },
    ...corsLaws,
  ),
  (written) => ({
    origins: written.origins,
    methods: written.methods,
    requestHeaders: written.request_headers,
    exposedHeaders: written.exposed_headers,
    credentials: written.credentials,
    maxAgeSeconds: written.max_age_seconds,
  }),
)

const timeouts: Shape<Timeouts> = as(
  object(
    {
      connect_ms: otherwise(limits.connectTimeoutMs, milliseconds, 'How long a connection to an upstream may take.'),
      answer_head_ms: otherwise(
        limits.answerHeadTimeoutMs,
        milliseconds,
        'How long an upstream may take from the end of the request to the last header of its answer.',
      ),
      answer_pause_ms: otherwise(
        limits.answerPauseMs,
        milliseconds,
        'How long an upstream may pause between two pieces of its answer.',
      ),
      deadline_ms: optional(
        milliseconds,
        'How long all attempts together may take, from the arrival of the request to the head of the answer. ' +
          'When left out: as long as a request may take to arrive, and then its parts.',
      ),
    },
    ...timeoutLaws,
  ),
  ({ connect_ms: connectMs, answer_head_ms: answerHeadMs, answer_pause_ms: answerPauseMs, deadline_ms }) => ({
    connectMs,
    answerHeadMs,
    answerPauseMs,
    deadlineMs: deadline_ms ?? limits.requestTimeoutMs + connectMs + answerHeadMs,
  }),
)

const check: Shape<Check> = as(
  object(
    {
      path: needed(
        text(/^\/[!$&'()*+,\-./0-9:;=?@A-Z_a-z~%]*$/, '/health', { charactersMax: limits.prefixCharactersMax }),
        'What each upstream is asked: GET, without the prefix. 200 to 299 means that it is well.',
      ),
      every_ms: otherwise(limits.checkEveryMs, milliseconds, 'How often it is asked.'),
      timeout_ms: otherwise(limits.probeTimeoutMs, milliseconds, 'How long the answer may take.'),
    },
    ...checkLaws,
  ),
  ({ path, every_ms: everyMs, timeout_ms: timeoutMs }) => ({ path, everyMs, timeoutMs }),
)

const upstream = as(
  text(/^[Hh][Tt][Tt][Pp][Ss]?:\/\/(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?\/?$/, 'http://blog:3000', {
    wrong: wrongUpstream,
  }),
  (url) => new URL(url).origin,
)

/** What a route that says nothing of its own is given. */
export const routeDefaults = {
  access: 'required',
  stripPrefix: false,
  timeouts: {
    connectMs: limits.connectTimeoutMs,
    answerHeadMs: limits.answerHeadTimeoutMs,
    answerPauseMs: limits.answerPauseMs,
    deadlineMs: limits.requestTimeoutMs + limits.connectTimeoutMs + limits.answerHeadTimeoutMs,
  },
  retriesMax: limits.retries,
} as const satisfies Partial<OwnRoute>

const route: Shape<OwnRoute> = as(
  object(
    {
      prefix: needed(
        text(prefixForm, '/blog', { charactersMax: limits.prefixCharactersMax, wrong: wrongPrefix }),
        'The path that is sent on, with everything below it. The longest prefix wins.',
      ),
      upstream: needed(
        oneOrMore(upstream, limits.routeUpstreamsMax),
        'Where the service is: scheme, host and port. Several are replicas of the same service.',
      ),
      access: otherwise(
        routeDefaults.access,
        oneOf('public', 'optional', 'required'),
        'Anyone · anyone, but a token must be good · only with a good token.',
      ),
      strip_prefix: otherwise(
        routeDefaults.stripPrefix,
        truth,
        'Whether the service sees the path without the prefix.',
      ),
      methods: optional(
        listOf(methods, 1, limits.corsNamesMax),
        'The methods that are sent on; the others are refused with 405. All of them when left out.',
      ),
      rate_limit: optional(
        rateLimit,
        'How many requests are taken, in the place of what the file says for all routes.',
      ),
      cors: optional(cors, 'Whose pages may read the answers, in the place of what the file says for all routes.'),
      body_bytes_max: optional(
        whole(0, Number.MAX_SAFE_INTEGER),
        'The largest body of a request; a larger one is refused with 413. Any size when left out.',
      ),
      timeouts: optional(timeouts, 'How long the way to an upstream may take.'),
      retries: otherwise(
        limits.retries,
        whole(0, limits.retriesMax),
        'How often an idempotent request may be sent once more, elsewhere where there is an elsewhere.',
      ),
      check: optional(
        check,
        'Asked of each upstream, used or not. Without it an upstream is judged by how it answers requests.',
      ),
    },
    ...routeLaws,
  ),
  (written) => ({
    prefix: written.prefix,
    upstreams: written.upstream,
    access: written.access,
    stripPrefix: written.strip_prefix,
    ...(written.methods === undefined ? {} : { methods: written.methods }),
    ...(written.rate_limit === undefined ? {} : { rateLimit: written.rate_limit }),
    ...(written.cors === undefined ? {} : { cors: written.cors }),
    ...(written.body_bytes_max === undefined ? {} : { bodyBytesMax: written.body_bytes_max }),
    timeouts: written.timeouts ?? routeDefaults.timeouts,
    retriesMax: written.retries,
    ...(written.check === undefined ? {} : { check: written.check }),
  }),
)

/** A route file: all that can stand in it, and what it means. */
export const routeFile: Shape<RouteFile> = as(
  object(
    {
      $schema: optional(text(/^[!-~]+$/, 'docs/route-file.schema.json'), 'Where an editor finds this description.'),
      cors: optional(
        cors,
        'Whose pages may read the answers of every route that says nothing of its own, the built-in ones too.',
      ),
      rate_limit: optional(
        rateLimit,
        'How many requests every route takes that says nothing of its own, the built-in ones too.',
      ),
      routes: otherwise([], listOf(route, 0, limits.routesMax), 'The routes of your own services.'),
    },
    ...fileLaws,
  ),
  ({ cors, rate_limit: rateLimit, routes }) => ({
    ...(cors === undefined ? {} : { cors }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    routes,
  }),
)
