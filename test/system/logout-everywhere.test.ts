import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { percentile } from '@gatehouse/bench/percentile.ts'
import { percentilesMs } from '../prove/proof.ts'
import type { Client } from './client.ts'
import { standing } from './expect.ts'
import { firstRefused } from './first-refused.ts'
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
      const refusedAt = await Promise.all(others.map((other) => firstRefused(other, token, patienceMs)))
      took.push(Math.max(...refusedAt) - answeredAt)
    }

    const told = JSON.stringify(percentilesMs('refused_everywhere', took))
    t.diagnostic(`${told} of ${logouts}`)
    // All of the two hundred but one.
    assert.ok(percentile(took, 0.995) <= 250, told)
    assert.ok(percentile(took, 1) <= 1_000, told)
  })
})
