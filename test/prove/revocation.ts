import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '@gatehouse/bench/percentile.ts'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { startTcpProxy, type TcpProxy } from '@gatehouse/testing/tcp-proxy.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { standing } from '../system/expect.ts'
import { firstRefused } from '../system/first-refused.ts'
import { startManyProcesses, type ManyProcesses } from '../system/many-processes.ts'
import { newMember, newSignedIn, signIn, type Member } from '../system/people.ts'
import { replica } from '../system/replica.ts'
import { startProfileReads } from './profile-reads.ts'
import { percentilesMs, rounded, type Figures, type Proof } from './proof.ts'

type Size = {
  readonly logouts: number
  readonly logoutsWithoutRedis: number
  readonly readsPerSecondPerDoor: number
  readonly p99MsMax: number
  readonly maxMsMax: number
}

/** A logout is known to every node at once, and without Redis soon; a node that is cut off stops trusting itself. */
export const revocation: Proof<Size> = {
  name: 'revocation',
  full: { logouts: 2_000, logoutsWithoutRedis: 200, readsPerSecondPerDoor: 25, p99MsMax: 50, maxMsMax: 250 },
  // So few have no 99th percentile but their maximum, on a machine that runs other tests as well.
  small: { logouts: 60, logoutsWithoutRedis: 6, readsPerSecondPerDoor: 25, p99MsMax: 250, maxMsMax: 1_000 },
  run: async (size) => {
    const world = await startManyProcesses({ settings: secrets })
    try {
      const member = await newMember(world.gateway)
      const reader = await signIn(world.gateway, member)
      const written = await world.gateway.put('/users/profile', { bearer: reader, json: { bio: 'read me' } })
      assert.equal(written.status, 200)
      const doors = world.doorsTo('user-service')
      const load = startProfileReads({ doors, token: () => reader, ...size })
      // A node of its own, so it need not wait its turn; failing early, it fails when it is asked for below.
      const cutting = cutOff(world)
      cutting.catch(() => {})
      const withRedis = await endedEverywhere(world, member, size.logouts)
      await world.redis.kill()
      const without = await endedEverywhere(world, member, size.logoutsWithoutRedis)
      await world.redis.restart()
      const { served, failures, tookMs } = await load.stop()
      const cut = await cutting

      const figures = {
        logouts: withRedis.length,
        ...percentilesMs('refused_everywhere', withRedis),
        logouts_without_redis: without.length,
        ...percentilesMs('refused_everywhere_without_redis', without),
        profile_reads_beside_it: served,
        ...percentilesMs('profile_read', tookMs),
        ...cut,
      }
      const told = JSON.stringify(figures)
      assert.deepEqual(failures, [], told)
      assert.ok(percentile(withRedis, 0.99) <= size.p99MsMax, told)
      assert.ok(percentile(withRedis, 1) <= size.maxMsMax, told)
      assert.ok(percentile(without, 1) <= withoutRedisMsMax, told)
      return figures
    } finally {
      await world.stop()
    }
  },
}

const withoutRedisMsMax = 1_000
const patienceMs = 10_000
const leaseSeconds = 3
/** From the end of the lease to the last answer that was already on its way then. */
const leaseSlackMs = 250
const askEveryMs = 10

const secrets = {
  JWT_SECRET_KEY: randomBytes(32).toString('hex'),
  INTERNAL_SECRET: randomBytes(32).toString('hex'),
}

/** Logs out again and again, by every door in turn; how long each took to be refused by all that were not told. */
const endedEverywhere = async (world: ManyProcesses, member: Member, logouts: number): Promise<readonly number[]> => {
  const told = world.doorsTo('auth-service')
  const answering = world.replicas('auth-service').map(({ client }) => client)
  const readers = world.doorsTo('user-service')
  const took: number[] = []
  for (let turn = 0; turn < logouts; turn += 1) {
    const token = await signIn(world.gateway, member)
    // Known to all, so that nobody refuses it for want of knowledge.
    for (const door of readers) assert.equal(await standing(door, token, '/users/profile'), 'good')
    const door = told[turn % told.length] ?? world.gateway
    assert.equal((await door.post('/auth/logout', { bearer: token })).status, 200)
    const answeredAt = performance.now()
    // An auth-service that was asked itself is the answering node; the others ask the same database.
    const onAnswering = answering.map(async (each) =>
      assert.equal(await standing(each, token, '/auth/validate'), 'token-revoked', 'the answering node accepts it'),
    )
    const refusedAt = await Promise.all(readers.map((reader) => firstRefused(reader, token, patienceMs)))
    await Promise.all(onAnswering)
    took.push(Math.max(...refusedAt) - answeredAt)
  }
  return took
}

/** A user-service whose way to every auth-service falls silent while connections stay open: nobody tells it. */
const cutOff = async (world: ManyProcesses): Promise<Figures> => {
  await using ending = new AsyncDisposableStack()
  const proxies: TcpProxy[] = []
  for (const { client } of world.replicas('auth-service')) {
    const proxy = await startTcpProxy({ port: Number(new URL(client.origin).port) })
    ending.defer(proxy.close)
    proxies.push(proxy)
  }
  const [port, adminPort] = [await freePort(), await freePort()]
  const alone = replica({
    role: 'user-service',
    port,
    adminPort,
    env: {
      ...secrets,
      USER_DATABASE_URL: world.userDatabaseUrl,
      AUTH_SERVICE_URL: proxies.map((proxy) => `http://127.0.0.1:${proxy.port}`).join(','),
      REVOCATION_MAX_STALENESS_SECONDS: `${leaseSeconds}`,
      USER_PORT: `${port}`,
      ADMIN_PORT: `${adminPort}`,
      LOG_FORMAT: 'json',
    },
  })
  ending.defer(alone.kill)
  await alone.start()
  const { token } = await newSignedIn(world.gateway)
  assert.equal(await standing(alone.client, token, '/users/profile'), 'good')

  for (const proxy of proxies) proxy.stall()
  const cutAt = performance.now()
  assert.equal((await world.gateway.post('/auth/logout', { bearer: token })).status, 200)
  let lastGoodAt = cutAt
  let word = 'good'
  while (word === 'good') {
    word = await standing(alone.client, token, '/users/profile')
    if (word === 'good') lastGoodAt = performance.now()
    assert.ok(lastGoodAt - cutAt <= leaseSeconds * 1_000 + leaseSlackMs, 'it is accepted after the lease')
    await delay(askEveryMs)
  }
  assert.equal(word, 'verification-unavailable')
  const refusedAt = performance.now()
  // Once it can ask again it knows, and says so.
  for (const proxy of proxies) proxy.heal()
  const isRevoked = async (): Promise<boolean> => {
    const now = await standing(alone.client, token, '/users/profile')
    assert.notEqual(now, 'good', 'what was refused is accepted again')
    return now === 'token-revoked'
  }
  await waitFor(isRevoked, { what: 'the node to hear of the logout', timeoutMs: patienceMs })
  return {
    lease_of_the_cut_off_node_ms: leaseSeconds * 1_000,
    cut_off_node_last_accepted_after_ms: rounded(lastGoodAt - cutAt),
    cut_off_node_refused_after_ms: rounded(refusedAt - cutAt),
  }
}
