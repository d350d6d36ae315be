import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, suite, test, type TestContext } from 'node:test'
import { startRedis, type TestRedis } from '@gatehouse/testing/redis.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { counterSuite, isAllowed, local, takes } from './counter-suite.ts'
import type { Counter, Quota } from './counter.ts'
import { redisCounter } from './redis-counter.ts'

const points = 20
// What a caller may have to wait for a counter whose Redis gives no answer.
const patienceMs = 200
// Where Redis is well, a machine that is busy with other tests must not look like one that is not.
const timeoutMs = 10_000

let made = 0
const freshName = (): string => {
  made += 1
  return `test-${made}`
}

type Replica = Counter & { readonly told: readonly string[] }

/** Opens a counter and waits until it counts in Redis. */
const opened = async (redis: TestRedis, quota: Quota & { readonly timeoutMs?: number }): Promise<Replica> => {
  const told: string[] = []
  const tell = (_event: object, text: string): void => void told.push(text.slice(0, 13))
  const log = { debug: tell, info: tell, warn: tell, error: tell }
  const counter = redisCounter({ ...quota, ...local, url: redis.url, log })
  const replica = { ...counter, told }
  await countsIn(redis, replica).catch(async (error: unknown) => {
    await counter.close()
    throw error
  })
  told.length = 0
  return replica
}

/** True as soon as what the counter takes is seen in Redis. */
const countsIn = async (redis: TestRedis, counter: Counter): Promise<void> => {
  const key = `probe ${freshName()}`
  await waitFor(
    async () => {
      await counter.take(key)
      return (await say(redis, 'KEYS *')).includes(key)
    },
    { what: 'the counter to count in Redis' },
  )
}

/** One inline command on a connection of its own. */
const say = async ({ url }: TestRedis, command: string): Promise<string> => {
  const { port, password } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.end(`AUTH ${password}\r\n${command}\r\nQUIT\r\n`)
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString('utf8')
  })
  await once(socket, 'close')
  return answer
}

suite('with a Redis', () => {
  let redis: TestRedis
  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())
  counterSuite('a counter in Redis', (quota) => opened(redis, { name: freshName(), timeoutMs, ...quota }))
})

type Replicas = { readonly redis: TestRedis; readonly one: Replica; readonly two: Replica }

/** Two replicas on a Redis of their own. */
const replicas = async (context: TestContext, particulars: { readonly timeoutMs?: number } = {}): Promise<Replicas> => {
  const redis = await startRedis()
  context.after(redis.stop)
  const quota = { name: freshName(), points, windowSeconds: 60, ...particulars }
  const [one, two] = await Promise.all([opened(redis, quota), opened(redis, quota)])
  context.after(() => Promise.all([one.close(), two.close()]))
  return { redis, one, two }
}
const countTogether = ({ redis, one, two }: Replicas) => Promise.all([countsIn(redis, one), countsIn(redis, two)])

/**
 * How many of a hundred at once are let through. None may wait longer than `patienceMs`, not counting what held up this
 * process as a whole.
 */
const allowed = async (counters: readonly Counter[], key: string): Promise<number> => {
  const waits = await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      const heldUp = heldUpMs()
      const begun = performance.now()
      const waitMs = await counters[n % counters.length]?.take(key)
      const tookMs = performance.now() - begun - heldUp.stop()
      assert.ok(tookMs < patienceMs, `a caller waited ${Math.round(tookMs)} ms`)
      return waitMs ?? assert.fail()
    }),
  )
  return waits.filter(isAllowed).length
}

/** Only the first callers wait for a Redis that hangs: fifty who come later, one after the other, do not. */
const answersAtOnce = async (counter: Counter): Promise<void> => {
  const heldUp = heldUpMs()
  const begun = performance.now()
  await takes(counter, 'later', 50)
  const tookMs = performance.now() - begun - heldUp.stop()
  assert.ok(tookMs < patienceMs, `fifty callers waited ${Math.round(tookMs)} ms`)
}

/** How long this process did nothing at all, because the machine or we ourselves were busy. */
const heldUpMs = () => {
  const everyMs = 10
  let last = performance.now()
  let sum = 0
  const tick = (): void => {
    const now = performance.now()
    sum += Math.max(0, now - last - everyMs)
    last = now
  }
  const timer = setInterval(tick, everyMs)
  return {
    stop: (): number => {
      clearInterval(timer)
      tick()
      return sum
    },
  }
}

suite('replicas that count in one Redis', () => {
  test('share what is allowed', async (context) => {
    const { one, two } = await replicas(context, { timeoutMs })
    const waits = await Promise.all(Array.from({ length: 200 }, (_, n) => (n % 2 === 0 ? one : two).take('a')))
    assert.equal(waits.filter(isAllowed).length, points)
    await one.giveBack('a')
    assert.deepEqual([await two.take('a'), isAllowed(await one.take('a'))], [0, false])
  })

  test('count each thing by its name', async (context) => {
    const { redis, one } = await replicas(context, { timeoutMs })
    const other = await opened(redis, { name: freshName(), points, windowSeconds: 60, timeoutMs })
    context.after(other.close)
    for (const counter of [one, other]) {
      assert.equal((await takes(counter, 'a', 2 * points)).filter(isAllowed).length, points)
    }
  })

  test('leave nothing in Redis that stays there', async (context) => {
    const { redis, one } = await replicas(context, { timeoutMs })
    await takes(one, 'a', points + 1)
    await one.giveBack('a')
    await one.giveBack('never taken')
    const keys = (await say(redis, 'KEYS *')).split('\r\n').filter((line) => line.startsWith('gatehouse:'))
    assert.ok(keys.length > 1)
    for (const key of keys) {
      const [, ttlMs = ''] = /:(-?\d+)\r\n\+OK/.exec(await say(redis, `PTTL "${key}"`)) ?? []
      assert.ok(Number(ttlMs) > 0, `${key} stays for ${ttlMs} ms`)
    }
  })

  test('begin again when Redis is flushed, scripts and all', async (context) => {
    const { redis, one, two } = await replicas(context, { timeoutMs })
    await takes(one, 'a', 2 * points)
    await say(redis, 'FLUSHALL')
    await say(redis, 'SCRIPT FLUSH')
    const waits = [...(await takes(one, 'a', points)), ...(await takes(two, 'a', points))]
    assert.equal(waits.filter(isAllowed).length, points)
    assert.deepEqual([one.told, two.told], [[], []])
  })

  test('count each for itself, and half, while Redis is dead; and together again when it is back', async (context) => {
    const all = await replicas(context, { timeoutMs })
    const { redis, one, two } = all
    await redis.kill()
    assert.deepEqual([await allowed([one], 'a'), await allowed([two], 'a')], [points / 2, points / 2])
    await two.giveBack('a')
    assert.equal(await allowed([two], 'a'), 1)
    assert.deepEqual([one.told.at(-1), two.told.at(-1)], ['Redis is away', 'Redis is away'])
    await redis.restart()
    await countTogether(all)
    const waits = [...(await takes(one, 'a', points)), ...(await takes(two, 'a', points))]
    assert.equal(waits.filter(isAllowed).length, points)
    for (const { told } of [one, two]) assert.deepEqual(told.slice(-2), ['Redis is away', 'Redis is back'])
  })

  test('do not wait for a Redis that dies under their hands', async (context) => {
    const { redis, one, two } = await replicas(context, { timeoutMs })
    const under = allowed([one, two], 'a')
    await redis.kill()
    assert.ok((await under) <= 2 * points)
  })

  test('count each for itself, and half, while Redis hangs; and together again when it goes on', async (context) => {
    const all = await replicas(context)
    const { redis, one, two } = all
    redis.pause()
    try {
      assert.deepEqual([await allowed([one], 'a'), await allowed([two], 'a')], [points / 2, points / 2])
      await answersAtOnce(one)
    } finally {
      redis.resume()
    }
    await countTogether(all)
    for (const { told } of [one, two]) assert.deepEqual(told.slice(-2), ['Redis is away', 'Redis is back'])
  })

  test('go on through a Redis that hangs and dies again and again', async (context) => {
    const all = await replicas(context)
    const { redis, one, two } = all
    for (let round = 0; round < 3; round += 1) {
      redis.pause()
      await allowed([one, two], `hung ${round}`)
      await answersAtOnce(two)
      await redis.kill()
      await allowed([one, two], `dead ${round}`)
      await redis.restart()
      await countTogether(all)
    }
  })
})

test('where no Redis is, it counts here, says so once, and stops when it is told', async (context) => {
  const told: string[] = []
  const tell = (_event: object, text: string): void => void told.push(text)
  const log = { debug: tell, info: tell, warn: tell, error: tell }
  const counter = redisCounter({ name: 'none', points, windowSeconds: 60, url: 'redis://127.0.0.1:1/0', log, ...local })
  context.after(counter.close)
  assert.equal((await takes(counter, 'a', points)).filter(isAllowed).length, points / 2)
  await waitFor(() => told.length > 0, { what: 'the word of the outage' })
  await counter.close()
  assert.equal((await takes(counter, 'b', points)).filter(isAllowed).length, points / 2)
  await counter.giveBack('b')
  assert.equal(told.length, 1)
})
