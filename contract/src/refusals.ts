/** A row of the table: what a refusal looks like to the one who is refused. */
type Row = {
  readonly status: number
  /** The sentence people read; services repeat it as `message`, the gateway as `error`. */
  readonly title: string
  /** When it happens, for the documents. */
  readonly when: string
  /** RFC 6750, section 3: what the `WWW-Authenticate` challenge says. `bare` names the scheme and no error. */
  readonly challenge?: 'bare' | 'invalid_token' | 'invalid_request'
  /** Seconds, when the same request may well succeed later. */
  readonly retryAfterSeconds?: number
  /** The bytes that follow on this connection cannot be trusted or will not be read. */
  readonly closes?: true
}

/** Every answer that says no. The code is stable; clients may switch on it. */
export const refusals = {
  // The request itself
  'malformed-request': {
    status: 400,
    title: 'Malformed request',
    when: 'The HTTP message breaks RFC 9110 or 9112.',
    closes: true,
  },
  'malformed-json': {
    status: 400,
    title: 'Malformed JSON',
    when: 'The body is not JSON, not UTF-8, or names `__proto__`.',
  },
  'invalid-request': {
    status: 400,
    title: 'Invalid request',
    when: 'A member, parameter or query value is missing, unknown or out of bounds; `errors` names each.',
  },
  'operation-not-found': { status: 404, title: 'Not found', when: 'The service has no operation at this path.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    when: 'The path exists, the method does not; `Allow` lists those that do.',
  },
  'request-timeout': {
    status: 408,
    title: 'Request timeout',
    when: 'The request did not arrive in time.',
    closes: true,
  },
  'body-too-large': { status: 413, title: 'Body too large', when: 'The body is over the limit.', closes: true },
  'uri-too-long': { status: 414, title: 'URI too long', when: 'The request target is over the limit.', closes: true },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    when: 'The body is not `application/json`.',
  },
  'expectation-failed': {
    status: 417,
    title: 'Expectation failed',
    when: '`Expect` says something other than `100-continue`.',
    closes: true,
  },
  'headers-too-large': {
    status: 431,
    title: 'Headers too large',
    when: 'The header section is over the limit.',
    closes: true,
  },

  // Who is asking
  'token-missing': { status: 401, title: 'Token is missing!', when: 'No access token was sent.', challenge: 'bare' },
  'token-revoked': {
    status: 401,
    title: 'Token has been revoked!',
    when: 'Its session was ended, or its account is gone.',
    challenge: 'invalid_token',
  },
  'token-expired': { status: 401, title: 'Token has expired!', when: 'Its time is over.', challenge: 'invalid_token' },
  'token-invalid': {
    status: 401,
    title: 'Invalid token!',
    when: 'It is not a token of ours: another scheme, form, key or signature.',
    challenge: 'invalid_token',
  },
  'duplicate-authorization': {
    status: 400,
    title: 'More than one Authorization header',
    when: 'Two credentials: which one was meant cannot be known.',
    challenge: 'invalid_request',
  },
  'invalid-credentials': {
    status: 401,
    title: 'Invalid credentials',
    when: 'Unknown account or wrong password; which of the two is not said.',
    challenge: 'bare',
  },
  'refresh-token-invalid': {
    status: 401,
    title: 'Invalid refresh token!',
    when: 'It is unknown, malformed, used up or expired, or its session has ended; which of these is not said.',
    challenge: 'bare',
  },
  'wrong-password': {
    status: 403,
    title: 'Wrong password',
    when: 'The current password that was sent along is not the one of this account.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many failed attempts',
    when: 'Too many wrong passwords for this account or from this address; `Retry-After` says when to try again.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    when: 'The limit of this route is used up for you, or for your address; `Retry-After` says when to try again.',
  },
  'internal-only': {
    status: 403,
    title: 'Forbidden',
    when: 'The operation is for our own processes, by `INTERNAL_SECRET`.',
  },

  // The accounts
  'username-taken': {
    status: 409,
    title: 'Username is already taken',
    when: 'Another account has this name, in any case or normal form.',
  },
  'email-taken': { status: 409, title: 'Email is already registered', when: 'Another account has this address.' },
  'session-not-found': {
    status: 404,
    title: 'Session not found',
    when: 'You have no living session of this id.',
  },
  'profile-not-found': { status: 404, title: 'Profile not found', when: 'The caller has not written a profile yet.' },

  // The gateway
  'service-not-found': { status: 404, title: 'Service not found', when: 'No route has this prefix.' },
  'service-unavailable': {
    status: 503,
    title: 'Service unavailable',
    when: 'The service cannot be reached; the request was not executed.',
    retryAfterSeconds: 1,
  },
  'websocket-version': {
    status: 426,
    title: 'Upgrade required',
    when: 'A WebSocket of another version than 13 was asked for.',
    closes: true,
  },
  'origin-not-allowed': {
    status: 403,
    title: 'Origin not allowed',
    when: 'A page asked for a WebSocket whose origin the CORS rule of the route does not name.',
  },
  'too-many-websockets': {
    status: 429,
    title: 'Too many WebSockets',
    when: 'This caller, or this address where nobody is known, has as many WebSockets open as one may have.',
    retryAfterSeconds: 1,
  },
  'service-overloaded': {
    status: 503,
    title: 'Service unavailable',
    when: 'As many requests as may be are under way to the service; the request was not executed.',
    retryAfterSeconds: 1,
  },
  'circuit-open': {
    status: 503,
    title: 'Service unavailable',
    when: 'The service has failed so often in a row that it is left alone for a moment; the request was not executed.',
    retryAfterSeconds: 1,
  },
  'upstream-failed': {
    status: 502,
    title: 'Bad gateway',
    when: 'The service broke off or answered nonsense; it may have executed the request.',
  },
  'upstream-timeout': {
    status: 504,
    title: 'Gateway timeout',
    when: 'The service did not answer in time; it may have executed the request.',
  },

  // The hour of need
  'database-unavailable': {
    status: 503,
    title: 'Database unavailable',
    when: 'The database is away or too slow; nothing was answered that it did not confirm.',
    retryAfterSeconds: 1,
  },
  'verification-unavailable': {
    status: 503,
    title: 'Token cannot be verified now',
    when: 'What this node knows of ended sessions is too old, and auth-service cannot be asked.',
    retryAfterSeconds: 1,
  },
  'hashing-busy': {
    status: 503,
    title: 'Too many logins at once',
    when: 'All places for password hashing, and the queue before them, are taken.',
    retryAfterSeconds: 1,
  },
  stopping: {
    status: 503,
    title: 'Service is stopping',
    when: 'The process drains; another one will answer.',
    retryAfterSeconds: 1,
    closes: true,
  },
  'internal-error': {
    status: 500,
    title: 'Internal error',
    when: 'A fault of ours; the log has the whole of it under the same `request_id`.',
  },
} as const satisfies Readonly<Record<string, Row>>

export type RefusalCode = keyof typeof refusals

/** What any operation of a service may refuse. */
export const commonRefusals: readonly RefusalCode[] = ['malformed-request', 'operation-not-found', 'internal-error']

/** One refused member. `path` is a JSON Pointer into the body (`/email`), or the parameter's name behind `?`. */
export type MemberError = { readonly path: string; readonly message: string }

type Particulars = {
  readonly detail?: string
  readonly errors?: readonly MemberError[]
  readonly retryAfterSeconds?: number
  readonly headers?: Readonly<Record<string, string>>
  /** For the log alone; never shown to the one who is refused. */
  readonly cause?: unknown
}

/** An answer we chose. Anything else that is thrown is a bug, and answers 500. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly particulars: Particulars

  constructor(code: RefusalCode, particulars: Particulars) {
    // An answer, not a fault: nobody reads where it was chosen, and to write that down takes 20 µs of a flood's each.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(code, { cause: particulars.cause })
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.particulars = particulars
  }
}

/** Makes a refusal to throw. */
export const refuse = (code: RefusalCode, particulars: Particulars = {}): Refusal => new Refusal(code, particulars)
