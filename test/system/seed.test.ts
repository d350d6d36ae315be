import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { startThreeProcesses } from '@gatehouse/bench/growth/three-processes.ts'
import { seedDatabases, type Seed } from '@gatehouse/bench/seed/seed-databases.ts'
import type { SeededPeople } from '@gatehouse/bench/seed/seeded-people.ts'
import { freshMysqlDatabase } from '@gatehouse/testing/mysql.ts'
import { freshRedis } from '@gatehouse/testing/redis.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { hasProfile } from './account-store.ts'
import { clientOf, type Client } from './client.ts'
import { startOneProcess } from './one-process.ts'

type SeededWorld = {
  readonly gateway: Client
  readonly people: SeededPeople
  readonly userDatabaseUrl: string
  readonly again: () => Promise<unknown>
}

const password = 'everybody-has-this-one'
const secret = '0123456789abcdef0123456789abcdef'

const seedOf = (authDatabaseUrl: string, userDatabaseUrl: string): Seed => ({
  users: 40,
  sessionsEach: 3,
  revocations: 50,
  password,
  at: Date.now(),
  authDatabaseUrl,
  userDatabaseUrl,
  secret,
})

const onOneProcess = async (ending: AsyncDisposableStack): Promise<SeededWorld> => {
  const world = await startOneProcess({ settings: { JWT_SECRET_KEY: secret }, started: false })
  ending.defer(world.stop)
  const seed = seedOf(`sqlite:///${join(world.dataDir, 'auth.db')}`, `sqlite:///${join(world.dataDir, 'users.db')}`)
  const people = await seedDatabases(seed)
  await world.replica.start()
  return { gateway: world.gateway, people, userDatabaseUrl: seed.userDatabaseUrl, again: () => seedDatabases(seed) }
}

const onThreeProcesses = async (ending: AsyncDisposableStack): Promise<SeededWorld> => {
  const [auth, users, redis] = [await freshMysqlDatabase(), await freshMysqlDatabase(), await freshRedis()]
  ending.defer(auth.drop)
  ending.defer(users.drop)
  ending.defer(redis.stop)
  const seed = seedOf(auth.url, users.url)
  const people = await seedDatabases(seed)
  const plan = { authDatabaseUrl: auth.url, userDatabaseUrl: users.url, redisUrl: redis.url, secret }
  const { origin, stop } = await startThreeProcesses(plan)
  ending.defer(stop)
  return { gateway: clientOf(origin), people, userDatabaseUrl: seed.userDatabaseUrl, again: () => seedDatabases(seed) }
}

for (const [where, start] of [
  ['one process on SQLite', onOneProcess],
  ['three processes on MySQL', onThreeProcesses],
] as const) {
  suite(`seeded people, ${where}`, () => {
    const ending = new AsyncDisposableStack()
    let world: SeededWorld
    before(async () => {
      world = await start(ending)
    })
    after(() => ending.disposeAsync())

    test('somebody seeded logs in by name or address, reads their profile and sees their sessions', async () => {
      const { gateway, people } = world
      const { email, username, publicId } = people.person(30)
      for (const json of [
        { email, password },
        { username, password },
      ]) {
        const login = await gateway.post('/auth/login', { json })
        equal(login.status, 200, login.text)
        equal(login.json['user_id'], publicId)
        const bearer = String(login.json['token'])
        const profile = await gateway.get('/users/profile', { bearer })
        equal(profile.status, 200, profile.text)
        match(profile.text, new RegExp(publicId.slice(0, 8)))
      }
      const login = await gateway.post('/auth/login', { json: { email, password } })
      const list = await gateway.get('/auth/sessions', { bearer: String(login.json['token']) })
      // Two of the seeded ones live; the first of person 30 is one of those that were ended.
      const sessions = list.json['sessions']
      equal(Array.isArray(sessions) && sessions.length, 2 + 3, list.text)
    })

    test('a seeded refresh token is good once, and one of a session that was ended is not', async () => {
      const { gateway, people } = world
      const refresh = (number: number) =>
        gateway.post('/auth/refresh', { json: { refresh_token: people.session(number).refreshToken } })
      const good = await refresh(people.sessionCount - 1)
      equal(good.status, 200, good.text)
      equal(good.json['user_id'], people.person(people.ownerOf(people.sessionCount - 1)).publicId)
      const profile = await gateway.get('/users/profile', { bearer: String(good.json['token']) })
      equal(profile.status, 200, profile.text)
      deepEqual([(await refresh(49)).status, (await refresh(50)).status], [401, 200])
    })

    test('an account that is deleted loses its profile: the event feed goes on where the seed ended', async () => {
      const { gateway, people, userDatabaseUrl } = world
      const { email, publicId } = people.person(7)
      equal(await hasProfile(userDatabaseUrl, publicId), true)
      const login = await gateway.post('/auth/login', { json: { email, password } })
      const bearer = String(login.json['token'])
      const deleted = await gateway.delete('/auth/account', { bearer, json: { password } })
      equal(deleted.status, 200, deleted.text)
      const isErased = async (): Promise<boolean> => !(await hasProfile(userDatabaseUrl, publicId))
      await waitFor(isErased, { what: 'the profile to be erased', timeoutMs: 10_000 })
      equal(await hasProfile(userDatabaseUrl, people.person(8).publicId), true)
    })

    test('databases that hold people are left alone', async () => {
      await rejects(world.again(), /only empty ones are seeded/)
    })
  })
}
