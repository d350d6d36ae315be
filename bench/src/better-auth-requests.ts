import { createHmac, randomBytes } from 'node:crypto'
import type { AccountSystem, BenchRequest, Operation } from './system.ts'

type BetterAuth = {
  readonly origin: string
  /** What its cookies are signed with. */
  readonly secret: string
  /** Executes a statement on its database server. */
  readonly execute: (sql: string) => Promise<unknown>
}

type Account = { readonly email: string; readonly userId: string; readonly cookie: string }

/** The requests of better-auth's operations. */
export const prepareBetterAuth = ({ origin, secret, execute }: BetterAuth): AccountSystem['prepare'] => {
  let opened: Promise<readonly Account[]> | undefined
  const accounts = (): Promise<readonly Account[]> =>
    (opened ??= Promise.all(Array.from({ length: accountsCount }, () => openAccount(origin))))
  const repeat = async (count: number, requestOf: (account: Account) => BenchRequest) => {
    const open = await accounts()
    return Array.from({ length: Math.ceil(count / accountsCount) }, () => open.map(requestOf))
      .flat()
      .slice(0, count)
  }
  const post = (path: string, body: object, headers = {}): BenchRequest => ({
    method: 'POST',
    path: `/api/auth${path}`,
    // A browser says where a page that sends a cookie comes from, and it is refused without.
    headers: { 'content-type': 'application/json', origin, ...headers },
    body: JSON.stringify(body),
  })
  const operations: Readonly<Record<Operation, (count: number) => ReturnType<AccountSystem['prepare']>>> = {
    'profile-read': async () => noProfiles,
    'profile-write': async () => noProfiles,
    // Its check of a session: the one that is asked for each request to a service that it guards.
    validate: (count) =>
      repeat(count, ({ cookie }) => ({ method: 'GET', path: '/api/auth/get-session', headers: { cookie } })),
    login: (count) => repeat(count, ({ email }) => post('/sign-in/email', { email, password })),
    refresh: async () => ({ absent: 'better-auth has none: its session is one cookie that lives on with use' }),
    register: async (count) => Array.from({ length: count }, () => post('/sign-up/email', newPerson())),
    logout: async (count) => {
      const [account] = await accounts()
      if (account === undefined) throw new Error('there is no account')
      const tokens = Array.from({ length: count }, () => randomBytes(16).toString('hex'))
      for (let from = 0; from < count; from += rowsAtOnce)
        await execute(sessionsOf(account.userId, tokens.slice(from, from + rowsAtOnce)))
      return tokens.map((token) => post('/sign-out', {}, { cookie: signedCookie(token, secret) }))
    },
  }
  return (operation, count) => operations[operation](count)
}

/** Few, because each costs a hash; nothing of theirs is remembered between requests. */
const accountsCount = 8
const rowsAtOnce = 1_000
const password = 'correct horse battery staple'
const noProfiles = { absent: 'better-auth keeps no profiles' } as const

const newPerson = () => {
  const name = `bench-${randomBytes(8).toString('hex')}`
  return { name, email: `${name}@example.org`, password }
}

const openAccount = async (origin: string): Promise<Account> => {
  const person = newPerson()
  const answer = await fetch(`${origin}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify(person),
  })
  const text = await answer.text()
  const [cookie = ''] = answer.headers.getSetCookie().map((line) => line.split(';')[0])
  if (!answer.ok || cookie === '') throw new Error(`better-auth answered ${answer.status} ${text} to a registration`)
  // What its documents say that a registration answers.
  const { user } = JSON.parse(text) as { readonly user: { readonly id: string } }
  return { email: person.email, userId: user.id, cookie }
}

/** Sessions as a login makes them, without the price of a hash each. */
const sessionsOf = (userId: string, tokens: readonly string[]): string => {
  const rows = tokens.map((token) => {
    const times = 'date_add(now(3), interval 7 day), now(3), now(3)'
    return `('${randomBytes(16).toString('hex')}', '${token}', '${userId}', ${times}, '127.0.0.1', '')`
  })
  const columns = 'id, token, userId, expiresAt, createdAt, updatedAt, ipAddress, userAgent'
  return `insert into better_auth.session (${columns}) values ${rows.join(', ')}`
}

const signedCookie = (token: string, secret: string): string => {
  const signature = createHmac('sha256', secret).update(token).digest('base64')
  return `better-auth.session_token=${encodeURIComponent(`${token}.${signature}`)}`
}
