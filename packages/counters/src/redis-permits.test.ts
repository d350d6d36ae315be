import assert from 'node:assert/strict'
import { after, before, suite, test, type TestContext } from 'node:test'
import { startRedis, type TestRedis } from '@gatehouse/testing/redis.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { local } from './counter-suite.ts'
import { leasedRateLimits } from './leased-rate-limits.ts'
import { limits } from './limits.ts'
import { localRateLimits } from './local-rate-limits.ts'
import { permitsSuite } from './permits-suite.ts'
import type { Permits } from './permits.ts'
import type { RateLimits } from './rate-limits.ts'
import { redisPermits } from './redis-permits.ts'

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const points = 20

/** Opened and connected. Where Redis is well, a busy machine must not look like one that is not. */
const connected = async (redis: TestRedis, timeoutMs = 10_000): Promise<Permits> => {
  const permits = redisPermits({ url: redis.url, log, timeoutMs })
  await waitFor(permits.isUp, { what: 'Redis to be there' })
  return permits
}

suite('with a Redis', () => {
  let redis: TestRedis
  let permits: Permits
  before(async () => {
    redis = await startRedis()
    permits = await connected(redis)
  })
  after(async () => {
    await permits.close()
    await redis.stop()
  })
  permitsSuite('permits in Redis', () => permits)
})

type Gateways = { readonly redis: TestRedis; readonly one: RateLimits; readonly two: RateLimits }

const gateways = async (context: TestContext, timeoutMs?: number): Promise<Gateways> => {
  const redis = await startRedis()
  context.after(redis.stop)
  const opened = async (): Promise<RateLimits> => {
    const permits = await connected(redis, timeoutMs)
    const alone = localRateLimits({ ...local, share: limits.aloneShare })
    const rates = leasedRateLimits({ permits, alone, clock: local.clock })
    context.after(rates.close)
    return rates
  }
  return { redis, one: await opened(), two: await opened() }
}

const quota = { name: 'test', points, windowSeconds: 60 }

/** How many of a hundred at once are let through by these in turn, and how long the slowest was held up. */
const passing = async (rates: readonly RateLimits[], key: string) => {
  const takes = rates.map(({ limit }) => limit(quota))
  const begun = performance.now()
  const taken = await Promise.all(Array.from({ length: 100 }, async (_, n) => takes[n % takes.length]?.(key)))
  return { passed: taken.filter((each) => each?.passed === true).length, tookMs: performance.now() - begun }
}

test('gateways that count in one Redis let pass together what one would', async (context) => {
  const { one, two } = await gateways(context)
  const { passed } = await passing([one, two], 'a')
  assert.equal(passed, points)
  assert.deepEqual([one.isDegraded(), two.isDegraded()], [false, false])
})

test('while Redis is dead each counts for itself, and half, at once; and together again when it is back', async (context) => {
  const { redis, one, two } = await gateways(context)
  await redis.kill()
  await waitFor(() => one.isDegraded() && two.isDegraded(), { what: 'both to notice' })
  for (const rates of [one, two]) assert.equal((await passing([rates], 'a')).passed, points * limits.aloneShare)
  assert.ok(!(one.limit(quota)('b') instanceof Promise), 'nobody waits')
  await redis.restart()
  await waitFor(() => !one.isDegraded() && !two.isDegraded(), { what: 'both to be back' })
  assert.equal((await passing([one, two], 'a')).passed, points)
})

test('a Redis that dies under their hands fails no request, and lets no more pass than both ways together', async (context) => {
  const { redis, one, two } = await gateways(context)
  const under = passing([one, two], 'a')
  await redis.kill()
  const { passed } = await under
  assert.ok(passed > 0 && passed <= 2 * points, `${passed}`)
})

test('a Redis that hangs holds a request up by its patience and no longer, and those after it not at all', async (context) => {
  const { redis, one, two } = await gateways(context, limits.redisPatienceMs)
  redis.pause()
  try {
    for (const rates of [one, two]) {
      const { passed, tookMs } = await passing([rates], 'a')
      assert.equal(passed, points * limits.aloneShare)
      // Twice the patience is for a machine that is busy just then.
      assert.ok(tookMs < 2 * limits.redisPatienceMs + 100, `${tookMs} ms`)
      assert.ok(!(rates.limit(quota)('b') instanceof Promise), 'nobody waits')
    }
  } finally {
    redis.resume()
  }
  await waitFor(() => !one.isDegraded() && !two.isDegraded(), { what: 'both to be back' })
})

test('nothing stays in Redis', async (context) => {
  const { redis, one } = await gateways(context)
  await one.limit({ ...quota, windowSeconds: 1 })('a')
  const { Redis } = await import('ioredis')
  const client = new Redis(redis.url)
  context.after(() => client.disconnect())
  const [key = ''] = await client.keys('gatehouse:rate:*')
  assert.equal(await client.hlen(key), 1)
  const ttlMs = await client.pttl(key)
  assert.ok(ttlMs > 0 && ttlMs <= 1_100, `${ttlMs} ms`)
})
