import { deepEqual, ok } from 'node:assert/strict'
import { createServer } from 'node:net'
import { test, type TestContext } from 'node:test'
import { listening } from '@gatehouse/testing/listening.ts'
import { startRedis } from '@gatehouse/testing/redis.ts'
import { startTcpProxy } from '@gatehouse/testing/tcp-proxy.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { redisSignal } from './redis-signal.ts'

const replica = (context: TestContext, url: string, origin: string) => {
  const told: string[] = []
  const tell = (_event: object, text: string): void => void told.push(text)
  const signal = redisSignal({ url, origin, log: { debug: tell, info: tell, warn: tell, error: tell } })
  context.after(signal.close)
  let heard = 0
  signal.onGrew(() => (heard += 1))
  return { ...signal, told, heard: () => heard }
}

/** Signals until the other one hears: subscribing takes a moment, and a hint may be lost. */
const reaches = (from: { grew: () => void }, to: { heard: () => number }): Promise<void> => {
  const before = to.heard()
  return waitFor(
    () => {
      from.grew()
      return to.heard() > before
    },
    { what: 'the signal' },
  )
}

test('replicas hear each other, not themselves, and a thousand commits at once make few messages', async (context) => {
  const redis = await startRedis()
  context.after(redis.stop)
  const [one, two] = [replica(context, redis.url, 'one'), replica(context, redis.url, 'two')]
  await reaches(one, two)
  await reaches(two, one)
  const own = one.heard()
  for (let round = 0; round < 20; round += 1) await reaches(one, two)
  // A word of the other may still have been on its way; our own would have been twenty.
  ok(one.heard() - own < 10)
  const other = two.heard()
  for (let commit = 0; commit < 1000; commit += 1) one.grew()
  await waitFor(() => two.heard() > other, { what: 'the signal' })
  await reaches(one, two)
  ok(two.heard() - other < 100, `${two.heard() - other} messages`)
  deepEqual([one.told, two.told], [[], []])
})

test('a killed Redis costs nobody anything, is told once, and is used again when it is back', async (context) => {
  const redis = await startRedis()
  context.after(redis.stop)
  const [one, two] = [replica(context, redis.url, 'one'), replica(context, redis.url, 'two')]
  await reaches(one, two)
  await redis.kill()
  await waitFor(() => one.told.length > 0 && two.told.length > 0, { what: 'the word of the outage' })
  const before = performance.now()
  for (let commit = 0; commit < 1000; commit += 1) one.grew()
  ok(performance.now() - before < 100)
  await redis.restart()
  await reaches(one, two)
  await waitFor(() => one.told.length === 2 && two.told.length === 2, { what: 'the word of the return' })
})

test('a Redis that hangs, or a network that swallows everything, is found out and left', async (context) => {
  const redis = await startRedis()
  context.after(redis.stop)
  const proxy = await startTcpProxy({ port: redis.port })
  context.after(proxy.close)
  const url = redis.url.replace(`:${redis.port}`, `:${proxy.port}`)
  const [one, two] = [replica(context, url, 'one'), replica(context, url, 'two')]
  await reaches(one, two)
  proxy.stall()
  one.grew()
  await waitFor(() => one.told.length === 1 && two.told.length === 1, { what: 'the word of the outage on both sides' })
  proxy.heal()
  await reaches(one, two)
})

test('where no Redis is nothing is thrown, it is told once and tried again', async (context) => {
  let attempts = 0
  const server = createServer((socket) => {
    attempts += 1
    socket.destroy()
  })
  context.after(() => server.close())
  const port = await listening(server)
  const alone = replica(context, `redis://127.0.0.1:${port}/0`, 'alone')
  alone.grew()
  await waitFor(() => attempts >= 8, { what: 'several attempts' })
  alone.grew()
  deepEqual(alone.told.length, 1)
  await alone.close()
})
