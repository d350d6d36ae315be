import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { startManyProcesses, type ManyProcesses } from './many-processes.ts'
import { newSignedIn } from './people.ts'
import { requestsInAMinute } from './routes.ts'
import type { Replica } from './world.ts'

let world: ManyProcesses
let replica: Replica
before(async () => {
  world = await startManyProcesses({
    replicas: { auth: 1, users: 1, gateways: 1 },
    settings: { GATEWAY_WORKERS: '2' },
  })
  const [gateway] = world.replicas('api-gateway')
  assert.ok(gateway !== undefined)
  replica = gateway
})
after(() => world.stop())

/** The processes that a process has started. */
const childrenOf = (pid: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number)

const parentOf = (pid: string): number => {
  try {
    return Number(/\) \w (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  } catch {
    // It ended while we looked.
    return 0
  }
}

/** How many requests each worker has answered, by its metrics. */
const answeredByWorker = async (): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>()
  const { text } = await replica.admin.get('/metrics')
  for (const [, worker = '', count] of text.matchAll(
    /^http_request_duration_seconds_count\{worker="(\d+)".*\} (\d+)$/gm,
  )) {
    counts.set(worker, (counts.get(worker) ?? 0) + Number(count))
  }
  return counts
}

test('every worker serves, and one metrics page tells of them all', async () => {
  const { token } = await newSignedIn(world.gateway)
  let asked = 0
  await waitFor(
    async () => {
      // Each on a connection of its own: the kernel deals those out.
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => world.gateway.get('/members/echo', { bearer: token })),
      )
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
      asked += answers.length
      return (await answeredByWorker()).size === 2
    },
    { what: 'both workers to have answered' },
  )
  const counts = await answeredByWorker()
  assert.ok([...counts.values()].reduce((sum, count) => sum + count, 0) >= asked)
  assert.equal(childrenOf(replica.process().pid).length, 2)
})

test('workers count requests together, and share what a gateway may let pass while Redis is away', async () => {
  const passing = async (): Promise<number> => {
    const { token } = await newSignedIn(world.gateway)
    const ask = () => world.gateway.get('/limited/page', { bearer: token })
    const answers = await Promise.all(Array.from({ length: 6 * requestsInAMinute }, ask))
    const statuses = answers.map(({ status }) => status)
    assert.ok(statuses.every((status) => status === 200 || status === 429))
    return statuses.filter((status) => status === 200).length
  }
  assert.equal(await passing(), requestsInAMinute)
  await world.redis.kill()
  await waitFor(
    async () => {
      const { text } = await replica.admin.get('/metrics')
      return text.match(/^rate_limits_degraded\{.*\} 1$/gm)?.length === 2
    },
    { what: 'both workers to notice' },
  )
  // The kernel may deal more connections to one than to the other; each alone has a quarter, rounded up.
  const passed = await passing()
  assert.ok(passed >= requestsInAMinute / 4 && passed <= 2 * Math.ceil(requestsInAMinute / 4), `${passed}`)
  await world.redis.restart()
})

test('a worker that is killed costs its own connections alone, and comes back', async () => {
  const { pid } = replica.process()
  const before = childrenOf(pid)
  const [victim] = before
  assert.ok(victim !== undefined)
  process.kill(victim, 'SIGKILL')
  await waitFor(() => !childrenOf(pid).includes(victim), { what: 'the worker to be gone' })
  assert.equal((await world.gateway.get('/health')).status, 200)
  await waitFor(async () => (await replica.admin.get('/readyz')).status === 200, { what: 'all workers to be ready' })
  const now = childrenOf(pid)
  assert.equal(now.length, 2)
  assert.equal(now.filter((each) => before.includes(each)).length, 1)
  assert.match((await replica.admin.get('/metrics')).text, /^gateway_worker_restarts_total\{.*\} 1$/m)
})

test('SIGTERM lets every worker finish what it forwards, and none is left', async () => {
  const { pid } = replica.process()
  const workers = childrenOf(pid)
  const streams = Array.from({ length: 8 }, () => world.gateway.open('GET', '/own/stream'))
  for (const { req } of streams) req.end()
  await Promise.all(streams.map(({ head }) => head))
  const ended = replica.process().stop({ timeoutMs: 60_000 })
  await waitFor(async () => (await replica.admin.get('/readyz')).status === 503, { what: 'ready to turn off' })
  world.ownService.release()
  for (const { answer } of streams) assert.equal((await answer()).text, 'data: first\n\ndata: second\n\n')
  assert.deepEqual(await ended, { code: 0, signal: null })
  assert.deepEqual(
    workers.filter((worker) => parentOf(String(worker)) !== 0),
    [],
  )
})

test('a keeper that is killed takes its workers with it', async () => {
  await replica.start()
  const workers = childrenOf(replica.process().pid)
  assert.equal(workers.length, 2)
  await replica.process().kill()
  await waitFor(() => workers.every((worker) => parentOf(String(worker)) === 0), { what: 'the workers to end' })
})
