import { randomBytes } from 'node:crypto'
import { call, each } from './call.ts'
import type { AccountSystem, BenchRequest, Operation } from './system.ts'

type Person = { readonly username: string; readonly email: string; readonly password: string }
type Session = { readonly token: string; readonly refreshToken: string }

/** As many different people send the requests as there are connections: nobody is read again and again. */
const peopleMax = 48
/** Registrations and logins under way while requests are prepared: fewer than would be refused. */
const atOnce = 4

/** How each operation's requests look to us, through the gateway on this port. */
export const gatehouseAccounts = (port: number): AccountSystem['prepare'] => {
  const known: { readonly person: Person; readonly session: Session }[] = []

  const login = async (person: Person): Promise<Session> => {
    const { token, refresh_token: refreshToken } = await call(port, loginOf(person))
    if (typeof token !== 'string' || typeof refreshToken !== 'string') throw new Error('a login gives two tokens')
    return { token, refreshToken }
  }

  const people = async (count: number): Promise<typeof known> => {
    const more = Array.from({ length: Math.min(count, peopleMax) - known.length }, newPerson)
    const joined = await each(more, atOnce, async (person) => {
      await call(port, registrationOf(person))
      const session = await login(person)
      await call(port, profileWriteOf(session))
      return { person, session }
    })
    known.push(...joined)
    return known.slice(0, count)
  }

  /** Sessions that nothing else uses. */
  const sessions = async (count: number): Promise<readonly Session[]> => {
    const owners = await people(count)
    const logins = Array.from({ length: count }, (_, index) => owners[index % owners.length]).filter(
      (one) => one !== undefined,
    )
    return each(logins, atOnce, ({ person }) => login(person))
  }

  const ways: Readonly<Record<Operation, (count: number) => Promise<readonly BenchRequest[]>>> = {
    'profile-read': async (count) => (await people(count)).map(({ session }) => profileReadOf(session)),
    'profile-write': async (count) => (await people(count)).map(({ session }) => profileWriteOf(session)),
    validate: async (count) => (await people(count)).map(({ session }) => asBearer('POST', '/auth/validate', session)),
    login: async (count) => (await people(count)).map(({ person }) => loginOf(person)),
    refresh: async (count) => (await sessions(count)).map(refreshOf),
    register: (count) => Promise.resolve(Array.from({ length: count }, () => registrationOf(newPerson()))),
    logout: async (count) => (await sessions(count)).map((session) => asBearer('POST', '/auth/logout', session)),
  }
  return (operation, count) => ways[operation](count)
}

const newPerson = (): Person => {
  const name = `bench-${randomBytes(8).toString('hex')}`
  return { username: name, email: `${name}@example.org`, password: randomBytes(12).toString('hex') }
}

const json = { 'Content-Type': 'application/json' }

const post = (path: string, body: object): BenchRequest => ({
  method: 'POST',
  path,
  headers: json,
  body: JSON.stringify(body),
})

const registrationOf = (person: Person): BenchRequest => post('/auth/register', person)

const loginOf = ({ email, password }: Person): BenchRequest => post('/auth/login', { email, password })

const refreshOf = ({ refreshToken }: Session): BenchRequest => post('/auth/refresh', { refresh_token: refreshToken })

const asBearer = (method: string, path: string, { token }: Session): BenchRequest => ({
  method,
  path,
  headers: { Authorization: `Bearer ${token}` },
})

const profileReadOf = (session: Session): BenchRequest => asBearer('GET', '/users/profile', session)

const profileWriteOf = ({ token }: Session): BenchRequest => ({
  method: 'PUT',
  path: '/users/profile',
  headers: { ...json, Authorization: `Bearer ${token}` },
  body: JSON.stringify({ bio: 'Reads what is measured, not what is claimed.', avatar: 'https://example.org/a.png' }),
})
