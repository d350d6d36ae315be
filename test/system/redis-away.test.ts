import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { standing } from './expect.ts'
import { startManyProcesses, type ManyProcesses } from './many-processes.ts'
import { newSignedIn } from './people.ts'

/** A replica that hears nothing looks four times a second; the rest is for a machine that is busy just then. */
const everywhereMs = 1_000

describe('Redis is away', () => {
  let world: ManyProcesses
  before(async () => {
    world = await startManyProcesses({ replicas: { auth: 2, users: 1, gateways: 1 } })
  })
  after(() => world.stop())

  const outages = [
    { name: 'killed', begin: () => world.redis.kill(), end: () => world.redis.restart() },
    { name: 'hanging', begin: async () => world.redis.pause(), end: async () => world.redis.resume() },
  ] as const
  for (const { name, begin, end } of outages) {
    test(`fault, a logout when Redis is down: ${name}, it ends the session everywhere, and nothing fails`, async (t) => {
      await begin()
      const slowest = await everybodyIsServed()
      await end()
      t.diagnostic(`refused everywhere after at most ${Math.round(slowest)} ms`)
      await everybodyIsServed()
      for (const { admin, process } of world.replicas()) {
        assert.equal((await admin.get('/readyz')).status, 200)
        assert.ok(!process().hasEnded())
      }
    })
  }

  /** Sign-up, login, profile and logout through every door; how long the slowest logout took to be known everywhere. */
  const everybodyIsServed = async (): Promise<number> => {
    const took: number[] = []
    for (const door of world.doorsTo('auth-service')) {
      const { token } = await newSignedIn(door)
      const { status } = await world.gateway.put('/users/profile', { bearer: token, json: { bio: 'here' } })
      assert.equal(status, 200)
      for (const reader of world.doorsTo('user-service'))
        assert.equal(await standing(reader, token, '/users/profile'), 'good')
      assert.equal((await door.post('/auth/logout', { bearer: token })).status, 200)
      const answeredAt = performance.now()
      await Promise.all(
        world.doorsTo('user-service').map((reader) => {
          const isRefused = async (): Promise<boolean> =>
            (await standing(reader, token, '/users/profile')) === 'token-revoked'
          return waitFor(isRefused, { what: `${reader.origin} to refuse`, timeoutMs: everywhereMs })
        }),
      )
      took.push(performance.now() - answeredAt)
    }
    return Math.max(...took)
  }
})
