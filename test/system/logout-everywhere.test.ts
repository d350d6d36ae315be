import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Client } from './client.ts'
import { standing } from './expect.ts'
import { startManyProcesses, type ManyProcesses } from './many-processes.ts'
import { newMember, signIn } from './people.ts'

const logouts = 200
const patienceMs = 5_000

describe('a logout is a logout', () => {
  let world: ManyProcesses
  before(async () => {
    world = await startManyProcesses()
  })
  after(() => world.stop())

  test(`${logouts} logouts on one auth-service: how long after the answer everybody else has refused the session`, async (t) => {
    const { gateway, otherGateway } = world
    const [firstAuth] = world.replicas('auth-service')
    assert.ok(firstAuth !== undefined)
    const others = [otherGateway, ...world.replicas('user-service').map(({ client }) => client)]
    const member = await newMember(gateway)
    await gateway.put('/users/profile', { bearer: await signIn(gateway, member), json: { bio: 'read me' } })

    const took: number[] = []
    for (let round = 0; round < logouts; round += 1) {
      const token = await signIn(gateway, member)
      // Known to everyone, so that nobody refuses it because they would have to ask.
      for (const door of others) assert.equal(await standing(door, token, '/users/profile'), 'good')
      // Half of them where the replica is certain, half the way everybody comes.
      const told: Client = round % 2 === 0 ? firstAuth.client : gateway
      assert.equal((await told.post('/auth/logout', { bearer: token })).status, 200)
      const answeredAt = performance.now()
      const refusedAt = await Promise.all(others.map((other) => firstRefused(other, token)))
      took.push(Math.max(...refusedAt) - answeredAt)
    }

    const sorted = took.toSorted((a, b) => a - b)
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Infinity
    const [p50, p99, max] = [at(0.5), at(0.99), at(1)]
    const [shown50, shown99, shownMax] = [p50, p99, max].map((ms) => ms.toFixed(1))
    t.diagnostic(`refused everywhere within: p50 ${shown50} ms, p99 ${shown99} ms, max ${shownMax} ms, of ${logouts}`)
    assert.ok(p99 <= 250, `p99 ${p99} ms`)
    assert.ok(max <= 1_000, `max ${max} ms`)
  })
})

/** Asks without a pause until the token is refused; when that answer came. */
const firstRefused = async (door: Client, token: string): Promise<number> => {
  const begin = performance.now()
  for (;;) {
    const word = await standing(door, token, '/users/profile')
    const now = performance.now()
    if (word === 'token-revoked') return now
    assert.equal(word, 'good')
    assert.ok(now - begin < patienceMs, `${door.origin} still accepts it`)
  }
}
