import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startMysql, type TestMysql } from '@gatehouse/testing/mysql.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import type { Answer } from './client.ts'
import { expectProblem, standing } from './expect.ts'
import { oneOfEach, startManyProcesses, type ManyProcesses } from './many-processes.ts'
import { newMember, newPerson, newSignedIn, signIn } from './people.ts'

describe('the database is away', () => {
  let mysql: TestMysql
  let world: ManyProcesses
  before(async () => {
    mysql = await startMysql()
    world = await startManyProcesses({ replicas: oneOfEach, mysql })
  })
  after(async () => {
    await world.stop()
    await mysql.stop()
  })

  const outages = [
    { name: 'killed', begin: () => mysql.kill(), end: () => mysql.restart() },
    { name: 'hanging', begin: async () => mysql.pause(), end: async () => mysql.resume() },
  ] as const
  for (const { name, begin, end } of outages) {
    test(`${name}: 503 with Retry-After for everyone, never a false 200, and well again without a restart`, async (t) => {
      const { gateway } = world
      const member = await newSignedIn(gateway)
      await gateway.put('/users/profile', { bearer: member.token, json: { bio: 'before' } })
      const pids = world.replicas().map(({ process }) => process().pid)

      await begin()
      const begun = performance.now()
      const { token: bearer } = member
      const answers = await Promise.all([
        gateway.post('/auth/register', { json: newPerson() }),
        gateway.post('/auth/login', { json: { email: member.email, password: member.password } }),
        gateway.post('/auth/validate', { bearer }),
        gateway.post('/auth/logout', { bearer }),
        gateway.get('/users/profile', { bearer }),
        gateway.put('/users/profile', { bearer, json: { bio: 'during' } }),
      ])
      t.diagnostic(`answered after at most ${Math.round(performance.now() - begun)} ms`)
      for (const answer of answers) expectAway(answer)
      const { status, json } = await gateway.get('/health')
      assert.deepEqual(
        [status, json],
        [200, { gateway: 'healthy', services: { auth_service: false, user_service: false } }],
      )
      for (const { role, admin } of world.replicas()) {
        assert.equal((await admin.get('/livez')).status, 200)
        if (role !== 'api-gateway') assert.equal((await admin.get('/readyz')).status, 503)
      }

      await end()
      await waitFor(async () => (await gateway.post('/auth/register', { json: newPerson() })).status === 201, {
        what: 'auth-service',
      })
      const token = await signIn(gateway, member)
      const readsAgain = async (): Promise<boolean> =>
        (await gateway.get('/users/profile', { bearer: token })).status === 200
      await waitFor(readsAgain, { what: 'user-service' })
      // The logout that was answered 503 may have happened or not; one that is answered 200 has.
      const again = await gateway.post('/auth/logout', { bearer })
      assert.ok([200, 401].includes(again.status), again.text)
      assert.equal(await standing(gateway, bearer, '/auth/validate'), 'token-revoked')
      for (const { admin } of world.replicas())
        await waitFor(async () => (await admin.get('/readyz')).status === 200, { what: 'all ready' })
      assert.deepEqual(
        world.replicas().map(({ process }) => [process().pid, process().hasEnded()]),
        pids.map((pid) => [pid, false]),
      )
    })
  }

  test('fault, a logout that answers 200 and was not: of those under way when the database dies, each 200 holds', async (t) => {
    const { gateway } = world
    const member = await newMember(gateway)
    const tokens: string[] = []
    for (let round = 0; round < 30; round += 1) tokens.push(await signIn(gateway, member))

    const answers = tokens.map((bearer) => gateway.post('/auth/logout', { bearer }))
    await Promise.race(answers)
    await mysql.kill()
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    await mysql.restart()
    await waitFor(async () => (await gateway.get('/health')).text.includes('"auth_service":true'), {
      what: 'auth-service',
    })

    t.diagnostic(`${statuses.filter((status) => status === 200).length} of ${tokens.length} were answered 200`)
    for (const [at, token] of tokens.entries()) {
      assert.ok([200, 503].includes(statuses[at] ?? 0), `${statuses[at]}`)
      if (statuses[at] === 200) assert.equal(await standing(gateway, token, '/auth/validate'), 'token-revoked')
    }
  })

  test('fault, services started before their database is ready: they wait for it, and answer nobody before', async () => {
    const replicas = [...world.replicas('auth-service'), ...world.replicas('user-service')]
    await Promise.all(replicas.map(({ process }) => process().stop()))
    await mysql.kill()
    for (const { spawn, admin } of replicas) await spawn().waitForUrl(`${admin.origin}/livez`, { status: 200 })
    for (const { client, admin } of replicas) {
      assert.equal((await admin.get('/readyz')).status, 503)
      await assert.rejects(client.get('/health'), /ECONNREFUSED/)
    }
    await mysql.restart()
    for (const { process, admin } of replicas) await process().waitForUrl(`${admin.origin}/readyz`, { status: 200 })
    await newSignedIn(world.gateway)
  })
})

/** A user-service whose source of revocations has no database cannot verify either, and says that first. */
const expectAway = (answer: Answer): void => {
  const code = answer.json['code'] === 'verification-unavailable' ? 'verification-unavailable' : 'database-unavailable'
  expectProblem(answer, { status: 503, code, speaker: 'service' })
}
