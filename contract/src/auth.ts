import { feedLine } from './events.ts'
import { health } from './health.ts'
import type { Handlers, Operations } from './operation.ts'
import { Type } from './schema.ts'
import { secret } from './secret.ts'

/** Characters, except where bytes are said. The reference's columns: username 80, e-mail 120. */
export const accountLimits = { usernameMax: 80, emailMax: 120, passwordMax: 1024 } as const

// No control, formatting or surrogate characters: they hide in lists and logs, and no two people mean the same by them.
const hidden = '\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}'

const username = Type.String({
  minLength: 1,
  maxLength: accountLimits.usernameMax,
  pattern: `^(?=.*\\S)[^${hidden}]*$`,
  description: 'Any letters; compared without regard to case, Unicode form and space around it.',
})
const email = Type.String({
  minLength: 3,
  maxLength: accountLimits.emailMax,
  pattern: `^\\s*[^\\s@${hidden}]+@[^\\s@${hidden}]+\\s*$`,
  description: 'An e-mail address; compared like a username.',
})
const password = Type.String({ ...secret, minLength: 1, maxLength: accountLimits.passwordMax })

const refreshToken = Type.String({
  ...secret,
  minLength: 1,
  maxLength: 256,
  description: 'Answers one new pair of tokens. Send it to nobody but this operation.',
})

/** What a login and a refresh answer: the tokens that stand for a session. */
const tokens = {
  token: Type.String({ ...secret, description: 'The access token: a JWT for `Authorization: Bearer`.' }),
  user_id: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds until the access token expires.' }),
  refresh_token: refreshToken,
}

const deviceToken = Type.String({
  ...secret,
  minLength: 1,
  maxLength: 256,
  description:
    'Proves at a later login that this device has logged in before: strangers who guess cannot slow it down.',
})

const message = Type.Object({ message: Type.String() })
const time = Type.String({ description: 'RFC 3339, UTC.' })

const closed = { additionalProperties: false } as const

/** The operations of auth-service. */
export const authOperations = {
  health: health('Auth service is healthy'),

  register: {
    method: 'POST',
    path: '/auth/register',
    summary: 'Open an account',
    access: 'public',
    body: Type.Object({ username, email, password }, closed),
    answer: {
      status: 201,
      description: 'The account is there.',
      body: Type.Object({ message: Type.String(), user_id: Type.String() }),
    },
    refusals: ['invalid-request', 'username-taken', 'email-taken', 'hashing-busy', 'database-unavailable'],
  },

  login: {
    method: 'POST',
    path: '/auth/login',
    summary: 'Start a session',
    description: 'Takes `email` or `username`, one of the two.',
    access: 'public',
    body: Type.Object(
      {
        email: Type.Optional(Type.String({ minLength: 1, maxLength: accountLimits.emailMax })),
        username: Type.Optional(Type.String({ minLength: 1, maxLength: accountLimits.usernameMax })),
        password,
        device_token: Type.Optional(deviceToken),
      },
      closed,
    ),
    answer: {
      status: 200,
      description: 'A session, and the tokens that stand for it.',
      body: Type.Object({ ...tokens, device_token: deviceToken }),
    },
    refusals: ['invalid-request', 'invalid-credentials', 'too-many-attempts', 'hashing-busy', 'database-unavailable'],
  },

  refresh: {
    method: 'POST',
    path: '/auth/refresh',
    summary: 'Exchange a refresh token for a new pair of tokens',
    description:
      'Each refresh token is good once. Sent again within ten seconds it answers the same successor, as long as that ' +
      'has not been used: a lost answer or a second tab ends nobody’s session. Any other second use ends the ' +
      'session, for one of the two is a thief.',
    access: 'public',
    body: Type.Object({ refresh_token: Type.String({ ...secret, minLength: 1, maxLength: 256 }) }, closed),
    answer: { status: 200, description: 'The session goes on.', body: Type.Object(tokens) },
    refusals: ['invalid-request', 'refresh-token-invalid', 'database-unavailable'],
  },

  validate: {
    method: 'POST',
    path: '/auth/validate',
    summary: 'Ask whether an access token is good',
    description: 'Answers from the database, never from memory: what it says was true while it was asked.',
    access: 'bearer',
    answer: {
      status: 200,
      description: 'It is.',
      body: Type.Object({
        valid: Type.Literal(true),
        user_id: Type.String(),
        session_id: Type.String(),
        expires_at: Type.Integer({ description: 'Seconds since the epoch.' }),
      }),
    },
    refusals: ['database-unavailable'],
  },

  logout: {
    method: 'POST',
    path: '/auth/logout',
    summary: 'End this session',
    access: 'bearer',
    answer: {
      status: 200,
      description: 'The session has ended and does not come back.',
      body: message,
    },
    refusals: ['database-unavailable'],
  },

  listSessions: {
    method: 'GET',
    path: '/auth/sessions',
    summary: 'List your living sessions',
    access: 'bearer',
    answer: {
      status: 200,
      description: 'Newest first, at most 100.',
      body: Type.Object({
        sessions: Type.Array(
          Type.Object({
            session_id: Type.String(),
            created_at: time,
            last_seen_at: Type.String({ description: 'RFC 3339, UTC; to the minute.' }),
            expires_at: time,
            address: Type.String({ description: 'Where it began, or was last refreshed.' }),
            device: Type.String({ description: 'What the user agent says it is, for people: `Firefox on Linux`.' }),
            current: Type.Boolean({ description: 'Whether it is the one that asks.' }),
          }),
        ),
      }),
    },
    refusals: ['database-unavailable'],
  },

  endSession: {
    method: 'DELETE',
    path: '/auth/sessions/{session_id}',
    summary: 'End one of your sessions',
    access: 'bearer',
    params: Type.Object({ session_id: Type.String({ minLength: 1, maxLength: 64 }) }, closed),
    answer: { status: 200, description: 'It has ended and does not come back.', body: message },
    refusals: ['invalid-request', 'session-not-found', 'database-unavailable'],
  },

  endSessions: {
    method: 'DELETE',
    path: '/auth/sessions',
    summary: 'End all your other sessions, or all of them',
    access: 'bearer',
    query: Type.Object({ including: Type.Optional(Type.Literal('this')) }, closed),
    answer: { status: 200, description: 'They have ended and do not come back.', body: message },
    refusals: ['invalid-request', 'database-unavailable'],
  },

  changePassword: {
    method: 'POST',
    path: '/auth/password',
    summary: 'Change your password',
    description: 'Ends every other session. The one that asks goes on.',
    access: 'bearer',
    body: Type.Object({ current_password: password, new_password: password }, closed),
    answer: { status: 200, description: 'Changed.', body: message },
    refusals: ['invalid-request', 'wrong-password', 'too-many-attempts', 'hashing-busy', 'database-unavailable'],
  },

  getAccount: {
    method: 'GET',
    path: '/auth/account',
    summary: 'Read your account',
    access: 'bearer',
    answer: {
      status: 200,
      description: 'As it was typed.',
      body: Type.Object({ user_id: Type.String(), username: Type.String(), email: Type.String(), created_at: time }),
    },
    refusals: ['database-unavailable'],
  },

  deleteAccount: {
    method: 'DELETE',
    path: '/auth/account',
    summary: 'Delete your account',
    description: 'Ends all sessions, removes the account, and lets every service that keeps data of yours erase it.',
    access: 'bearer',
    body: Type.Object({ password }, closed),
    answer: { status: 200, description: 'Gone.', body: message },
    refusals: ['invalid-request', 'wrong-password', 'too-many-attempts', 'hashing-busy', 'database-unavailable'],
  },

  jwks: {
    method: 'GET',
    path: '/auth/.well-known/jwks.json',
    summary: 'The public keys that access tokens are signed with',
    access: 'public',
    answer: {
      status: 200,
      description: 'A JWK Set (RFC 7517).',
      body: Type.Object({
        keys: Type.Array(
          Type.Object({
            kty: Type.Literal('EC'),
            crv: Type.Literal('P-256'),
            x: Type.String(),
            y: Type.String(),
            kid: Type.String(),
            alg: Type.Literal('ES256'),
            use: Type.Literal('sig'),
          }),
        ),
      }),
    },
    refusals: [],
  },

  events: {
    method: 'GET',
    path: '/auth/events',
    summary: 'Follow what happens to accounts and sessions',
    description:
      'First what is still in force, or all after `after`; then what is new, with a heartbeat. ' +
      'The gateway does not route it.',
    access: 'internal',
    query: Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })) }, closed),
    answer: { status: 200, description: 'One JSON object a line.', body: feedLine, stream: 'ndjson' },
    refusals: ['invalid-request', 'internal-only', 'database-unavailable'],
  },
} as const satisfies Operations

/** What auth-service must be able to do. */
export type Auth = Handlers<typeof authOperations>
