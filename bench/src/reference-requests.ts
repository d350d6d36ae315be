import { createHmac, randomBytes } from 'node:crypto'
import type { AccountSystem, BenchRequest, Operation } from './system.ts'

type Reference = {
  readonly origin: string
  /** What its tokens are signed with. */
  readonly secret: string
}

type Account = { readonly email: string; readonly userId: string; readonly token: string }

/** The requests of the reference system's operations. */
export const prepareReference = ({ origin, secret }: Reference): AccountSystem['prepare'] => {
  const accounts = lazily(() => Promise.all(Array.from({ length: accountsCount }, () => openAccount(origin))))
  const startedAt = Math.floor(Date.now() / 1_000)
  let logouts = 0
  const repeat = async (count: number, requestOf: (account: Account, index: number) => BenchRequest) => {
    const open = await accounts()
    return Array.from({ length: count }, (_, index) => requestOf(pick(open, index), index))
  }
  const operations: Readonly<Record<Operation, (count: number) => ReturnType<AccountSystem['prepare']>>> = {
    'profile-read': (count) =>
      repeat(count, ({ token }) => ({ method: 'GET', path: '/users/profile', headers: bearer(token) })),
    'profile-write': (count) =>
      repeat(count, ({ token }, index) => ({
        method: 'PUT',
        path: '/users/profile',
        headers: { ...json, ...bearer(token) },
        body: JSON.stringify({ bio: `${bio} ${index}` }),
      })),
    validate: (count) =>
      repeat(count, ({ token }) => ({ method: 'POST', path: '/auth/validate', headers: bearer(token) })),
    login: (count) => repeat(count, ({ email }) => post('/auth/login', { email, password })),
    refresh: async () => ({ absent: 'the tutorial has none: a token lives for 24 hours' }),
    register: async (count) => Array.from({ length: count }, () => post('/auth/register', newPerson())),
    // A token of its own for each: a login at another second would give it, two in one second are given the same.
    logout: (count) =>
      repeat(count, ({ userId }) => {
        logouts += 1
        const exp = startedAt + secondsOfADay - logouts
        return { method: 'POST', path: '/auth/logout', headers: bearer(sign({ public_id: userId, exp }, secret)) }
      }),
  }
  return (operation, count) => operations[operation](count)
}

/** Few, because each costs two hashes; nothing of theirs is remembered between requests. */
const accountsCount = 8
const secondsOfADay = 86_400
const password = 'correct horse battery staple'
const bio = 'Writes programs for an engine that has not been built yet.'
const json = { 'content-type': 'application/json' } as const

const bearer = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` })

const post = (path: string, body: object): BenchRequest => ({
  method: 'POST',
  path,
  headers: json,
  body: JSON.stringify(body),
})

const newPerson = (): { readonly username: string; readonly email: string; readonly password: string } => {
  const username = `bench-${randomBytes(8).toString('hex')}`
  return { username, email: `${username}@example.org`, password }
}

const openAccount = async (origin: string): Promise<Account> => {
  const person = newPerson()
  await send(origin, post('/auth/register', person))
  const { token, user_id: userId } = await send(origin, post('/auth/login', person))
  if (typeof token !== 'string' || typeof userId !== 'string') throw new Error('a login gives a token and a user')
  const profile = { bio, avatar: 'https://example.org/ada.png' }
  const headers = { ...json, ...bearer(token) }
  await send(origin, { method: 'PUT', path: '/users/profile', headers, body: JSON.stringify(profile) })
  return { email: person.email, userId, token }
}

const send = async (origin: string, request: BenchRequest): Promise<Readonly<Record<string, unknown>>> => {
  const { method, path, headers = {}, body } = request
  const answer = await fetch(`${origin}${path}`, { method, headers, body: body ?? null })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status} ${text}`)
  // What the reference system answers is an object.
  return JSON.parse(text) as Record<string, unknown>
}

const sign = (claims: object, secret: string): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

const pick = <Item>(items: readonly Item[], index: number): Item => {
  const item = items[index % items.length]
  if (item === undefined) throw new Error('there are none to pick from')
  return item
}

const lazily = <Value>(make: () => Promise<Value>): (() => Promise<Value>) => {
  let made: Promise<Value> | undefined
  return () => (made ??= make())
}
