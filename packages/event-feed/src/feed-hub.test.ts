import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { follower, hubOf } from './testing/hub-under-test.ts'
import { simulatedLog } from './testing/simulated-log.ts'

test('what is committed here has reached every follower before the commit is answered', async (context) => {
  const { hub, log, bell } = hubOf(context)
  await hub.start()
  const [one, two] = [follower(), follower()]
  hub.follow('in-force', one.receive)
  hub.follow('in-force', two.receive)
  await Promise.all([one.caughtUp(), two.caughtUp()])
  hub.committed([log.write()])
  deepEqual([one.seqs(), two.seqs(), bell.told()], [[1], [1], 1])
})

test('an event committed elsewhere comes with the signal, and without it with the next poll', async (context) => {
  const signalled = hubOf(context)
  await signalled.hub.start()
  const one = follower()
  signalled.hub.follow(0, one.receive)
  await one.caughtUp()
  signalled.log.write()
  signalled.bell.ring()
  await waitFor(() => one.seqs().length === 1, { what: 'the signalled event', timeoutMs: 2000 })

  const polled = hubOf(context, { pollMs: 10 })
  await polled.hub.start()
  const two = follower()
  polled.hub.follow(0, two.receive)
  await two.caughtUp()
  polled.log.write()
  await waitFor(() => two.seqs().length === 1, { what: 'the polled event', timeoutMs: 2000 })
})

test('a snapshot of many pages is whole and in order, and what happens meanwhile follows', async (context) => {
  const { hub, log } = hubOf(context)
  for (let at = 0; at < 2500; at += 1) log.write()
  await hub.start()
  const one = follower(() => hub.committed([log.write()]))
  hub.follow('in-force', one.receive)
  await one.caughtUp()
  const end = one.types().indexOf('caught-up')
  deepEqual(
    one.seqs().slice(0, 2500),
    Array.from({ length: 2500 }, (_, at) => at + 1),
  )
  equal(one.lines[end]?.resume, 2500)
  ok(one.seqs().includes(2501))
})

test('resume stays below an open transaction, so who returns there misses nothing', async (context) => {
  const { hub, log } = hubOf(context)
  log.write()
  const open = log.begin()
  log.write()
  await hub.start()
  const one = follower()
  const unfollow = hub.follow('in-force', one.receive)
  await one.caughtUp()
  ok(one.lines.every(({ resume }) => resume <= 1))
  unfollow()
  hub.committed([open.commit()])
  const again = follower()
  hub.follow(Math.max(...one.lines.map(({ resume }) => resume)), again.receive)
  await again.caughtUp()
  deepEqual(again.seqs(), [2, 3])
})

test('what commits during a snapshot, below what was sent already, is not lost', async (context) => {
  const { hub, log } = hubOf(context)
  const open = log.begin()
  for (let at = 0; at < 2500; at += 1) log.write()
  await hub.start()
  const one = follower(() => hub.committed([open.commit()]))
  hub.follow('in-force', one.receive)
  await one.caughtUp()
  await waitFor(() => one.seqs().includes(1), { what: 'the late one' })
  equal(one.seqs()[0], 2)
})

test('a hub that cannot read its database sends no heartbeat, and one again when it can', async (context) => {
  const { hub, bell, log, clock } = hubOf(context)
  await hub.start()
  const one = follower()
  hub.follow('in-force', one.receive)
  await one.caughtUp()
  const beats = (): number => one.types().filter((type) => type === 'heartbeat').length
  const beat = async (): Promise<void> => {
    const before = beats()
    clock.advance(1000)
    bell.ring()
    await waitFor(() => beats() > before, { what: 'a heartbeat', timeoutMs: 2000 })
  }
  await beat()
  await beat()
  const polling = hubOf(context, { pollMs: 5, log, clock })
  await polling.hub.start()
  const two = follower()
  polling.hub.follow('in-force', two.receive)
  await two.caughtUp()
  log.setAway(true)
  await waitFor(() => polling.hub.stalenessMs() === 0, { what: 'the last good read' })
  const before = two.types().filter((type) => type === 'heartbeat').length
  clock.advance(60_000)
  // Commits of this very process go on being told, but vouch for nothing.
  polling.hub.committed([log.write()])
  const failures = log.failures()
  await waitFor(() => log.failures() > failures + 2, { what: 'a few polls that fail' })
  equal(two.types().filter((type) => type === 'heartbeat').length, before)
  equal(polling.hub.stalenessMs(), 60_000)
  log.setAway(false)
  await waitFor(() => two.types().filter((type) => type === 'heartbeat').length > before, {
    what: 'the heartbeat after the outage',
  })
})

test('a read that took a second vouches for nothing', async (context) => {
  const clock = movableClock()
  const log = simulatedLog(clock.now)
  let readMs = 1000
  const readAfter: typeof log.readAfter = async (after, limit) => {
    const rows = await log.readAfter(after, limit)
    clock.advance(readMs)
    return rows
  }
  const { hub } = hubOf(context, { pollMs: 5, clock, log: { ...log, readAfter } })
  await hub.start()
  const one = follower()
  hub.follow('in-force', one.receive)
  await one.caughtUp()
  hub.committed([log.write(), log.write()])
  const polls = async (count: number): Promise<void> => {
    const until = clock.monotonic() + count * readMs
    await waitFor(() => clock.monotonic() >= until, { what: 'some polls' })
  }
  await polls(5)
  equal(one.types().includes('heartbeat'), false)
  readMs = 400
  await polls(5)
  equal(one.types().includes('heartbeat'), true)
})

test('more than can wait while a snapshot is sent is read instead, and none is lost', async (context) => {
  const { hub, log } = hubOf(context)
  const late = log.begin()
  for (let at = 0; at < 1500; at += 1) log.write()
  await hub.start()
  const one = follower(() => {
    for (let at = 0; at < 10_000; at += 1) hub.committed([log.write()])
    hub.committed([late.commit()])
  })
  hub.follow('in-force', one.receive)
  await one.caughtUp()
  equal(new Set(one.seqs()).size, 11_501)
})

test('no heartbeat comes before the snapshot is whole', async (context) => {
  const { hub, log } = hubOf(context, { pollMs: 5 })
  for (let at = 0; at < 3000; at += 1) log.write()
  await hub.start()
  const one = follower()
  hub.follow('in-force', one.receive)
  await one.caughtUp()
  ok(one.types().indexOf('heartbeat') === -1 || one.types().indexOf('heartbeat') > one.types().indexOf('caught-up'))
})

test('a follower that fails hurts no other, and is sent again what it failed on', async (context) => {
  const { hub, log } = hubOf(context)
  await hub.start()
  const [good, bad] = [follower(), follower()]
  let failures = 3
  hub.follow(0, (line) => {
    if (line.event !== undefined && failures > 0) {
      failures -= 1
      throw new Error('no')
    }
    bad.receive(line)
  })
  hub.follow(0, good.receive)
  await Promise.all([good.caughtUp(), bad.caughtUp()])
  hub.committed([log.write(), log.write()])
  deepEqual(good.seqs(), [1, 2])
  await waitFor(() => bad.seqs().length >= 2, { what: 'the second attempt' })
  deepEqual([...new Set(bad.seqs())], [1, 2])
})

test('followers that come before the log can be read get everything once it can', async (context) => {
  const { hub, log } = hubOf(context)
  log.write()
  log.setAway(true)
  const started = hub.start()
  const one = follower()
  hub.follow('in-force', one.receive)
  log.setAway(false)
  await started
  await one.caughtUp()
  deepEqual(one.seqs(), [1])
})
