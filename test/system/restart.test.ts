import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { deleteAccount, hasProfile } from './account-store.ts'
import { standing } from './expect.ts'
import { oneOfEach, startManyProcesses, type ManyProcesses } from './many-processes.ts'
import { startOneProcess, type OneProcess } from './one-process.ts'
import { newSignedIn, signIn, type SignedIn } from './people.ts'
import type { World } from './world.ts'

describe('after a restart of the one process', () => {
  let world: OneProcess
  before(async () => {
    world = await startOneProcess()
  })
  after(() => world.stop())

  const ends = [
    ['SIGTERM', async () => assert.deepEqual(await world.replica.process().stop(), { code: 0, signal: null })],
    ['kill -9', () => world.replica.kill()],
  ] as const
  for (const [name, end] of ends) {
    test(`${name}: data, sessions and revocations are there`, async () => {
      const before = await someHistory(world)
      await end()
      await world.replica.start()
      await historyHolds(world, before)
    })
  }

  test('an account that was deleted meanwhile has no token, no session and no profile', async () => {
    const { gateway, dataDir } = world
    const { token, email, userId } = await newSignedIn(gateway)
    await gateway.put('/users/profile', { bearer: token, json: { bio: 'here' } })
    await world.replica.process().stop()
    await deleteAccount(`sqlite:///${join(dataDir, 'auth.db')}`, email)
    await world.replica.start()

    assert.equal(await standing(gateway, token, '/auth/validate'), 'token-revoked')
    assert.equal(await standing(gateway, token, '/users/profile'), 'token-revoked')
    const usersUrl = `sqlite:///${join(dataDir, 'users.db')}`
    await waitFor(async () => !(await hasProfile(usersUrl, userId)), { what: 'the profile to be erased' })
  })
})

describe('after a restart of every process and an empty Redis', () => {
  let world: ManyProcesses
  before(async () => {
    world = await startManyProcesses({ replicas: oneOfEach })
  })
  after(() => world.stop())

  test('fault, the one-hour blacklist: nothing that was ended lives again, and the rest is there', async () => {
    const before = await someHistory(world)
    await Promise.all([...world.replicas().map(({ kill }) => kill()), world.redis.kill()])
    await world.redis.restart()
    await Promise.all(world.replicas().map(({ start }) => start()))
    await historyHolds(world, before)
  })
})

type History = SignedIn & { readonly ended: string }

const profile = { bio: 'before', avatar: null, preferences: { kept: true } }

const someHistory = async ({ gateway }: World): Promise<History> => {
  const member = await newSignedIn(gateway)
  await gateway.put('/users/profile', { bearer: member.token, json: profile })
  const ended = await signIn(gateway, member)
  assert.equal((await gateway.post('/auth/logout', { bearer: ended })).status, 200)
  return { ...member, ended }
}

const historyHolds = async (world: World, { ended, token, userId, ...member }: History): Promise<void> => {
  for (const door of world.doorsTo('auth-service')) {
    assert.equal(await standing(door, ended, '/auth/validate'), 'token-revoked')
    assert.equal(await standing(door, token, '/auth/validate'), 'good')
  }
  for (const door of world.doorsTo('user-service')) {
    // From the first request on: a node that has not heard of the ended sessions yet is not ready.
    assert.equal(await standing(door, ended, '/users/profile'), 'token-revoked')
    assert.deepEqual((await door.get('/users/profile', { bearer: token })).json, { user_id: userId, profile })
  }
  await signIn(world.gateway, { ...member })
}
