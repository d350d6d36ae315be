import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import type { AccountEvent, FeedLine } from '@gatehouse/contract/events.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { revocations } from './revocations.ts'

const heartbeat: FeedLine = { type: 'heartbeat', resume: 0 }
const caughtUp: FeedLine = { type: 'caught-up', resume: 0 }
const hourMs = 3_600_000
const token = (sid: string, public_id = 'user', epoch = 0) => ({ sid, public_id, epoch })

const knownOf = (options: { readonly entriesMax?: number } = {}) => {
  const clock = movableClock()
  const known = revocations({ clock, maxStalenessMs: 5000, ...options })
  let seq = 0
  const line = (event: object): FeedLine =>
    // The rest of the event is given by the caller: the cast joins the two halves of a union.
    ({
      type: 'event',
      resume: 0,
      event: {
        seq: (seq += 1),
        at: clock.now(),
        user_id: 'user',
        until: clock.now() + hourMs,
        ...event,
      } as AccountEvent,
    })
  return {
    clock,
    known,
    end: (session_id: string, until = clock.now() + hourMs) =>
      known.receive(line({ type: 'session.ended', session_id, until })),
    raise: (epoch: number, until = clock.now() + hourMs) =>
      known.receive(line({ type: 'user.epoch-raised', epoch, until })),
    remove: () => known.receive(line({ type: 'user.deleted' })),
    register: () => known.receive(line({ type: 'user.registered' })),
    /** As many heartbeats as it takes to go through everything once. */
    sweep: () => {
      for (let beat = 0; beat < 1024; beat += 1) known.receive(heartbeat)
    },
  }
}

test('an ended session is revoked, its neighbours are not', () => {
  const { known, end } = knownOf()
  end('session-1')
  deepEqual(
    [known.isRevoked(token('session-1')), known.isRevoked(token('session-2')), known.isRevoked(token('session-'))],
    [true, false, false],
  )
})

test('a raised epoch revokes the tokens before it, and a lower one that comes late lowers nothing', () => {
  const { known, raise } = knownOf()
  raise(5)
  raise(3)
  deepEqual(
    [4, 5, 6].map((epoch) => known.isRevoked(token('any', 'user', epoch))),
    [true, false, false],
  )
  equal(known.isRevoked(token('any', 'other', 0)), false)
})

test('a deleted account is revoked wholly, even if news of an earlier change comes after', () => {
  const { known, remove, raise, register } = knownOf()
  remove()
  raise(2)
  register()
  equal(known.isRevoked(token('any', 'user', Number.MAX_SAFE_INTEGER)), true)
  equal(known.isRevoked(token('any', 'other', 0)), false)
})

test('a revocation is kept until it is over and five minutes more, then it takes no memory', () => {
  const { known, end, raise, remove, clock, sweep } = knownOf()
  end('session-1')
  raise(1, clock.now() + 2 * hourMs)
  clock.advance(hourMs + 299_000)
  sweep()
  deepEqual([known.isRevoked(token('session-1', 'x')), known.size()], [true, 2])
  clock.advance(2000)
  sweep()
  deepEqual([known.isRevoked(token('session-1', 'x')), known.size()], [false, 1])
  remove()
  clock.advance(3 * hourMs)
  sweep()
  equal(known.size(), 0)
})

test('the later end of two counts, in either order', () => {
  const { known, end, clock, sweep } = knownOf()
  const [early, late] = [clock.now() + hourMs, clock.now() + 2 * hourMs]
  for (const [session, first, second] of [
    ['a', early, late],
    ['b', late, early],
  ] as const) {
    end(session, first)
    end(session, second)
  }
  clock.advance(1.5 * hourMs)
  sweep()
  deepEqual([known.isRevoked(token('a')), known.isRevoked(token('b'))], [true, true])
})

test('what was over before it came takes no memory', () => {
  const { known, end, clock } = knownOf()
  end('session-1', clock.now() - hourMs)
  equal(known.size(), 0)
})

test('the lease begins with a heartbeat after the snapshot, and ends when none has come for its time', async () => {
  const { known, clock, end } = knownOf()
  deepEqual([known.caughtUp(), known.fresh(), known.stalenessMs()], [false, false, Infinity])
  known.receive(caughtUp)
  await known.ready
  deepEqual([known.caughtUp(), known.fresh()], [true, false])
  known.receive(heartbeat)
  equal(known.fresh(), true)
  clock.advance(5000)
  equal(known.fresh(), true)
  clock.advance(1)
  end('session-1')
  known.receive(caughtUp)
  deepEqual([known.fresh(), known.stalenessMs()], [false, 5001])
  known.receive(heartbeat)
  equal(known.fresh(), true)
})

test('the wall clock neither makes the lease longer nor shorter', () => {
  const { known, clock } = knownOf()
  known.receive(heartbeat)
  clock.setWallTime(clock.now() + hourMs)
  equal(known.fresh(), true)
  clock.advance(5001)
  clock.setWallTime(clock.now() - 2 * hourMs)
  equal(known.fresh(), false)
})

test('past the bound nothing is guessed: the node is not fresh until the last one it did not keep is over', () => {
  const { known, end, clock } = knownOf({ entriesMax: 2 })
  for (const session of ['a', 'b', 'c']) end(session)
  known.receive(heartbeat)
  deepEqual([known.size(), known.isRevoked(token('b')), known.fresh()], [2, true, false])
  clock.advance(hourMs + 301_000)
  known.receive(heartbeat)
  equal(known.fresh(), true)
})

test('in any order of events, repeats and sweeps nothing that can still matter is forgotten', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant('end' as const), who: fc.nat(20), hours: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ type: fc.constant('raise' as const), who: fc.nat(5), hours: fc.integer({ min: 1, max: 5 }) }),
    fc.record({
      type: fc.constantFrom('wait' as const, 'sweep' as const),
      who: fc.constant(0),
      hours: fc.integer({ min: 0, max: 3 }),
    }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { known, end, raise, clock, sweep } = knownOf()
      const ends = new Map<string, number>()
      let [highest, raisedUntil] = [0, 0]
      for (const { type, who, hours } of steps) {
        const until = clock.now() + hours * hourMs
        if (type === 'end') {
          end(`session-${who}`, until)
          ends.set(`session-${who}`, Math.max(until, ends.get(`session-${who}`) ?? 0))
        } else if (type === 'raise') {
          raise(who, until)
          if (raisedUntil < clock.now()) highest = 0
          highest = Math.max(highest, who)
          raisedUntil = Math.max(raisedUntil, until)
        } else if (type === 'wait') clock.advance(hours * hourMs)
        else sweep()
        for (const [session, over] of ends) if (over > clock.now()) ok(known.isRevoked(token(session, 'x')), session)
        if (raisedUntil > clock.now() && highest > 0) ok(known.isRevoked(token('x', 'user', highest - 1)), 'epoch')
      }
    }),
    { numRuns: 200 },
  )
})

test('a million of them take less than 100 MB, and a look among them less than a microsecond', () => {
  setFlagsFromString('--expose-gc')
  // Node gives no typed way to the collector that works without a command-line flag.
  const collect = runInNewContext('gc') as () => void
  const held = (): number => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const { known, clock } = knownOf()
  const before = held()
  const some: string[] = []
  for (let number = 0; number < 1_000_000; number += 1) {
    // Through a buffer, as JSON.parse makes it: a string that was put together would count for two.
    const session_id = Buffer.from(randomUUID()).toString('latin1')
    const until = clock.now() + hourMs
    if (number % 1_000 === 0) some.push(session_id)
    known.receive({
      type: 'event',
      resume: 0,
      event: { type: 'session.ended', seq: 1, at: 0, user_id: 'user', session_id, until },
    })
  }
  const megabytes = (held() - before) / 1e6
  equal(known.size(), 1_000_000)
  ok(megabytes < 100, `${megabytes.toFixed(1)} MB`)

  const tokens = some.flatMap((sid) => [token(sid, randomUUID()), token(randomUUID(), randomUUID())])
  let revoked = 0
  // Processor time: on a machine with other work a microsecond is longer than a microsecond.
  const { user } = process.cpuUsage()
  for (let round = 0; round < looksAtEach; round += 1) {
    for (const each of tokens) if (known.isRevoked(each)) revoked += 1
  }
  const microseconds = (process.cpuUsage().user - user) / (tokens.length * looksAtEach)
  equal(revoked, some.length * looksAtEach)
  ok(microseconds < 1, `${microseconds.toFixed(2)} µs`)
})

const looksAtEach = 300
