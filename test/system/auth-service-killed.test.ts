import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import type { Client } from './client.ts'
import { expectProblem, expectServiceUnavailable, standing } from './expect.ts'
import { startManyProcesses, type ManyProcesses } from './many-processes.ts'
import { newPerson, newSignedIn, signIn, type SignedIn } from './people.ts'

/** Shorter than the default of five, so that nobody waits for it; long enough to see both sides of it. */
const leaseMs = 3_000
/** A follower hears of its source once a second: at the moment of the kill that much of the lease may be used up. */
const heartbeatMs = 1_000
/** For a machine that does something else just then. */
const slackMs = 750

describe('auth-service is killed while profiles are read', () => {
  let world: ManyProcesses
  let member: SignedIn
  before(async () => {
    world = await startManyProcesses({
      replicas: { auth: 2, users: 2, gateways: 1 },
      settings: { REVOCATION_MAX_STALENESS_SECONDS: `${leaseMs / 1000}` },
    })
    member = await newSignedIn(world.gateway)
    await world.gateway.put('/users/profile', { bearer: member.token, json: { bio: 'read me' } })
  })
  after(() => world.stop())

  test('one replica of two: nobody notices', async () => {
    const [first] = world.replicas('auth-service')
    assert.ok(first !== undefined)
    await first.kill()
    const { gateway } = world
    for (let round = 0; round < 6; round += 1) {
      const token = await signIn(gateway, member)
      assert.equal(await standing(gateway, token, '/users/profile'), 'good')
      assert.equal((await gateway.post('/auth/logout', { bearer: token })).status, 200)
    }
    const { json } = await gateway.get('/health')
    assert.deepEqual(json['services'], { auth_service: true, user_service: true })
    await first.start()
  })

  test('all of them: reads go on within the lease, then nothing is guessed, and all is well when they return', async (t) => {
    const reader = startReading(world.gateway, member.token)
    const killedAt = performance.now()
    await Promise.all(world.replicas('auth-service').map(({ kill }) => kill()))

    await waitFor(async () => healthSays(await world.gateway.get('/health'), false), {
      what: '/health to say so',
      timeoutMs: 3_000,
    })
    t.diagnostic(`/health said auth_service: false after ${Math.round(performance.now() - killedAt)} ms`)
    for (const path of ['/auth/login', '/auth/register', '/auth/validate', '/auth/logout']) {
      const answer = await world.gateway.post(path, { bearer: member.token, json: newPerson() })
      expectServiceUnavailable(answer)
    }

    // Both user-services are asked in turn, so the last to lose its lease is seen too.
    const isOver = (): boolean => reader.seen.slice(-10).every(({ word }) => word === 'verification-unavailable')
    await waitFor(() => performance.now() > killedAt + leaseMs && isOver(), {
      what: 'the lease to end',
      timeoutMs: leaseMs + 5_000,
    })
    const seen = (await reader.stop()).map(({ at, word }) => ({ afterMs: at - killedAt, word }))
    const reads = seen.filter(({ word }) => word === 'good')
    const refusals = seen.filter(({ word }) => word === 'verification-unavailable')
    assert.equal(
      reads.length + refusals.length,
      seen.length,
      `only these two: ${[...new Set(seen.map(({ word }) => word))].join()}`,
    )
    const firstRefusedMs = Math.min(...refusals.map(({ afterMs }) => afterMs))
    const lastReadMs = Math.max(...reads.map(({ afterMs }) => afterMs))
    t.diagnostic(
      `${reads.length} reads, last at ${Math.round(lastReadMs)} ms; first refused at ${Math.round(firstRefusedMs)} ms`,
    )
    assert.ok(firstRefusedMs > leaseMs - heartbeatMs - slackMs, `refused after ${firstRefusedMs} ms`)
    assert.ok(lastReadMs < leaseMs + slackMs, `read after ${lastReadMs} ms`)
    const refused = await world.gateway.get('/users/profile', { bearer: member.token })
    expectProblem(refused, { status: 503, code: 'verification-unavailable', speaker: 'service' })
    // A route that the gateway itself guards does not guess either.
    const guarded = await world.gateway.get('/members/page', { bearer: member.token })
    expectProblem(guarded, { status: 503, code: 'verification-unavailable', speaker: 'gateway' })

    await Promise.all(world.replicas('auth-service').map(({ start }) => start()))
    await waitFor(async () => healthSays(await world.gateway.get('/health'), true), { what: '/health to say so' })
    for (const door of world.doorsTo('user-service')) {
      const isWell = async (): Promise<boolean> => (await standing(door, member.token, '/users/profile')) === 'good'
      await waitFor(isWell, { what: `${door.origin} to read again`, timeoutMs: 3_000 })
    }
    for (const { admin } of world.replicas())
      await waitFor(async () => (await admin.get('/readyz')).status === 200, { what: 'all ready' })
    await newSignedIn(world.gateway)
    for (const { process } of [...world.replicas('user-service'), ...world.replicas('api-gateway')])
      assert.ok(!process().hasEnded())
  })
})

const healthSays = ({ json }: { readonly json: Readonly<Record<string, unknown>> }, auth: boolean): boolean =>
  JSON.stringify(json) === JSON.stringify({ gateway: 'healthy', services: { auth_service: auth, user_service: true } })

type Seen = { readonly at: number; readonly word: string }

/** Reads a profile over and over; what each read came to, by the time it began. */
const startReading = (
  door: Client,
  token: string,
): { readonly seen: readonly Seen[]; readonly stop: () => Promise<readonly Seen[]> } => {
  const seen: Seen[] = []
  const state = { isStopped: false }
  const reading = (async () => {
    while (!state.isStopped) {
      const at = performance.now()
      seen.push({ at, word: await standing(door, token, '/users/profile').catch((error: unknown) => String(error)) })
    }
  })()
  return {
    seen,
    stop: async () => {
      state.isStopped = true
      await reading
      return seen
    },
  }
}
