import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AccountEvent, EventFeed, FeedLine } from '@gatehouse/contract/events.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { durableFollower } from './durable-follower.ts'
import { feedHub } from './feed-hub.ts'
import { localSignal } from './local-signal.ts'
import { quietLog } from './testing/quiet-log.ts'
import { sessionEnded, simulatedLog, type OpenTransaction } from './testing/simulated-log.ts'

/** A feed whose lines the test writes. */
const handFeed = () => {
  const follows: { readonly from: number | 'in-force'; readonly receive: (line: FeedLine) => void; isOn: boolean }[] =
    []
  const feed: EventFeed = {
    follow: (from, receive) => {
      const one = { from, receive, isOn: true }
      follows.push(one)
      return () => {
        one.isOn = false
      }
    },
  }
  return { feed, follows }
}

/** A database with a cursor: the effect and the new place are written together or not at all. */
const database = () => {
  const state = {
    place: 0,
    applied: [] as number[],
    moves: 0,
    busy: false,
    fault: undefined as 'before' | 'after' | undefined,
  }
  return {
    state,
    cursor: { read: async () => state.place },
    apply: async (event: AccountEvent | undefined, resume: number): Promise<void> => {
      ok(!state.busy, 'two at a time')
      state.busy = true
      await new Promise(setImmediate)
      state.busy = false
      const { fault } = state
      state.fault = undefined
      if (fault === 'before') throw new Error('rolled back')
      ok(resume >= state.place, 'the place went back')
      if (event === undefined) state.moves += 1
      else state.applied.push(event.seq)
      state.place = resume
      if (fault === 'after') throw new Error('committed, and the answer lost')
    },
  }
}

const line = (seq: number, resume = seq): FeedLine => ({ type: 'event', resume, event: sessionEnded(seq, 0) })
const always = (): boolean => true
const common = { clock: movableClock(), log: quietLog, random: () => 0, concerns: always }

test('events are applied one at a time, in the order they came, from the place that was kept', async () => {
  const { feed, follows } = handFeed()
  const { state, cursor, apply } = database()
  state.place = 7
  const follower = durableFollower({ ...common, feed, cursor, apply })
  follower.start()
  await waitFor(() => follows.length === 1, { what: 'the follow' })
  equal(follows[0]?.from, 7)
  for (const [seq, resume] of [
    [8, 8],
    [10, 8],
    [11, 8],
    [9, 11],
  ] as const)
    follows[0]?.receive(line(seq, resume))
  await waitFor(() => state.applied.length === 4, { what: 'four effects' })
  deepEqual([state.applied, state.place], [[8, 10, 11, 9], 11])
  await follower.stop()
  equal(follows[0]?.isOn, false)
})

test('an effect that fails is tried again, and nothing after it overtakes it', async () => {
  const { feed, follows } = handFeed()
  const { state, cursor, apply } = database()
  const follower = durableFollower({ ...common, feed, cursor, apply })
  follower.start()
  await waitFor(() => follows.length === 1, { what: 'the follow' })
  state.fault = 'before'
  for (const seq of [1, 2, 3]) follows[0]?.receive(line(seq))
  await waitFor(() => follows.length === 2, { what: 'the second follow' })
  deepEqual([follows[0]?.isOn, follows[1]?.from, state.applied], [false, 0, []])
  for (const seq of [1, 2, 3]) follows[1]?.receive(line(seq))
  await waitFor(() => state.place === 3, { what: 'the place' })
  deepEqual(state.applied, [1, 2, 3])
  await follower.stop()
})

test('more than the queue holds is asked for again, and the queue is worked off first', async () => {
  const { feed, follows } = handFeed()
  const { state, cursor, apply } = database()
  const follower = durableFollower({ ...common, feed, cursor, apply, queueMax: 10 })
  follower.start()
  await waitFor(() => follows.length === 1, { what: 'the follow' })
  for (let seq = 1; seq <= 500; seq += 1) follows[0]?.receive(line(seq))
  await waitFor(() => follows.length === 2, { what: 'the second follow' })
  deepEqual([follows[0]?.isOn, follows[1]?.from, state.applied.length], [false, 10, 10])
  await follower.stop()
})

test('heartbeats and events of no concern move the place now and then, not each time', async () => {
  const { feed, follows } = handFeed()
  const { state, cursor, apply } = database()
  const clock = movableClock()
  const follower = durableFollower({
    ...common,
    clock,
    feed,
    cursor,
    apply,
    concerns: ({ type }) => type === 'user.deleted',
  })
  follower.start()
  await waitFor(() => follows.length === 1, { what: 'the follow' })
  for (let seq = 1; seq <= 100; seq += 1) follows[0]?.receive(line(seq))
  clock.advance(5000)
  follows[0]?.receive({ type: 'heartbeat', resume: 100 })
  follows[0]?.receive({ type: 'heartbeat', resume: 100 })
  await waitFor(() => state.place === 100, { what: 'the place' })
  clock.advance(60_000)
  follows[0]?.receive({ type: 'heartbeat', resume: 100 })
  follows[0]?.receive({
    type: 'event',
    resume: 101,
    event: { type: 'user.deleted', seq: 101, at: 0, user_id: 'u', until: 1 },
  })
  await waitFor(() => state.applied.length === 1, { what: 'the deletion' })
  deepEqual([state.moves, state.applied, state.place], [1, [101], 101])
  await follower.stop()
})

test('stop waits for the effect under way and begins no other', async () => {
  const { feed, follows } = handFeed()
  const gate = Promise.withResolvers<void>()
  const done: number[] = []
  const apply = async (event: AccountEvent | undefined): Promise<void> => {
    await gate.promise
    if (event !== undefined) done.push(event.seq)
  }
  const follower = durableFollower({ ...common, feed, cursor: { read: async () => 0 }, apply })
  follower.start()
  await waitFor(() => follows.length === 1, { what: 'the follow' })
  follows[0]?.receive(line(1))
  follows[0]?.receive(line(2))
  await new Promise(setImmediate)
  const stopping = follower.stop()
  gate.resolve()
  await stopping
  deepEqual(done, [1])
})

const step = fc.constantFrom(
  'begin',
  'begin',
  'commit',
  'commit',
  'rollback',
  'turn',
  'turn',
  'lost',
  'unanswered',
  'crash',
  'away',
  'hub',
)

test('through crashes and restarts on both sides the place never passes an event without effect', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const clock = movableClock()
      const log = simulatedLog(clock.now)
      const { state, cursor, apply } = database()
      const open: OpenTransaction[] = []
      const makeHub = () => {
        const made = feedHub({ ...common, clock, events: log, signal: localSignal(), pollMs: 1, pageRows: 3 })
        void made.start()
        return made
      }
      let hub = makeHub()
      const makeFollower = () => {
        const made = durableFollower({ ...common, feed: hub, cursor, apply, queueMax: 5, advanceMs: 0 })
        made.start()
        return made
      }
      let follower = makeFollower()
      for (const name of steps) {
        if (name === 'begin') open.push(log.begin())
        else if (name === 'rollback') open.shift()
        else if (name === 'commit') {
          const event = open.splice(open.length >> 1, 1)[0]?.commit()
          if (event !== undefined) hub.committed([event])
        } else if (name === 'lost') state.fault = 'before'
        else if (name === 'unanswered') state.fault = 'after'
        else if (name === 'crash' || name === 'hub') {
          await follower.stop()
          if (name === 'hub') {
            await hub.stop()
            hub = makeHub()
          }
          follower = makeFollower()
        } else if (name === 'away') {
          log.setAway(true)
          await new Promise(setImmediate)
          log.setAway(false)
        } else await new Promise(setImmediate)
        const missing = log.rows().filter(({ seq }) => seq <= state.place && !state.applied.includes(seq))
        deepEqual(missing, [], 'the place has passed an event that took no effect')
      }
      const whole = log.rows().map(({ seq }) => seq)
      try {
        await waitFor(() => whole.every((seq) => state.applied.includes(seq)), {
          what: 'every effect',
          timeoutMs: 5000,
        })
      } finally {
        await follower.stop()
        await hub.stop()
      }
    }),
    { numRuns: 120 },
  )
})
