import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { feedLines } from './feed-lines.ts'
import { follower, hubOf } from './testing/hub-under-test.ts'

test('lines for a stream begin on demand, end at once when the reader leaves, and when the hub stops', async () => {
  const { hub, log } = hubOf(undefined)
  for (let at = 0; at < 2500; at += 1) log.write()
  await hub.start()
  const leaving = feedLines(hub, 'in-force')
  let read = 0
  for await (const { type } of leaving) {
    read += 1
    if (type === 'caught-up') break
  }
  equal(read, 2501)
  const waiting = feedLines(hub, 2500)
  const types = [await waiting.next(), await waiting.next()].map(({ done, value }) => done !== true && value.type)
  deepEqual(types, ['caught-up', 'heartbeat'])
  const pending = waiting.next()
  await waiting.return?.()
  equal((await pending).done, true)
  const ended = feedLines(hub, 2500)
  await ended.next()
  await hub.stop()
  for await (const { type } of ended) equal(type, 'heartbeat')
  equal((await feedLines(hub, 0).next()).done, true)
})

test('a process that drains ends its streams and takes no new ones, while its own followers go on', async (context) => {
  const { hub, log } = hubOf(context)
  await hub.start()
  const own = follower()
  hub.follow('in-force', own.receive)
  await own.caughtUp()
  const stream = feedLines(hub, 0)
  await stream.next()
  hub.endStreams()
  equal((await stream.next()).done, true)
  equal((await feedLines(hub, 0).next()).done, true)
  hub.committed([log.write()])
  deepEqual(own.seqs(), [1])
})

test('a reader that does not read is ended, so that its lines do not fill the memory', async (context) => {
  const { hub, log } = hubOf(context)
  await hub.start()
  const lines = feedLines(hub, 0)
  await lines.next()
  for (let at = 0; at < 21_000; at += 1) hub.committed([log.write()])
  for (let at = 0; at < 21_000; at += 1) if ((await lines.next()).done === true) return
  ok(false, 'it was not ended')
})
