import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { uuidTimes } from './uuid-times.ts'

/** As many calls as it takes to go through everything once. */
const sweepAll = (times: ReturnType<typeof uuidTimes>, now: number): void => {
  for (let shard = 0; shard < 1024; shard += 1) times.sweep(now)
}

// Few of them, and all end alike: they share a shard, and their places in it lie together.
const uuid = fc
  .tuple(fc.nat(3), fc.nat(3), fc.constantFrom('0000', '0400', '0800', '0c00', '4000'))
  .map(([head, middle, tail]) => `0000000${head}-0000-7000-800${middle}-00000000${tail}`)

test('it answers what a Map would, after any history of writes and sweeps', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant('set' as const), uuid, time: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ type: fc.constant('sweep' as const), uuid, time: fc.integer({ min: 0, max: 50 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const times = uuidTimes()
      const model = new Map<string, number>()
      for (const { type, uuid, time } of steps) {
        if (type === 'set') {
          equal(times.set(uuid, time), true)
          model.set(uuid, time)
        } else {
          sweepAll(times, time)
          for (const [key, until] of model) if (until <= time) model.delete(key)
        }
        for (const [key, until] of model) equal(times.get(key), until)
        equal(times.get(uuid), model.get(uuid))
        equal(times.size(), model.size)
      }
    }),
    { numRuns: 300 },
  )
})

test('of a hundred thousand none is lost while it grows and shrinks, and none that is not there is found', () => {
  const times = uuidTimes()
  const all = Array.from({ length: 100_000 }, () => randomUUID())
  all.forEach((each, at) => times.set(each, 1 + (at % 2)))
  equal(times.size(), all.length)
  ok(all.every((each, at) => times.get(each) === 1 + (at % 2)))
  ok(all.every(() => times.get(randomUUID()) === undefined))
  sweepAll(times, 1)
  equal(times.size(), all.length / 2)
  ok(all.every((each, at) => times.get(each) === (at % 2 === 0 ? undefined : 2)))
  sweepAll(times, 2)
  equal(times.size(), 0)
})

test('a string that is not a UUID in its one spelling is not kept, and is not taken for one that is', () => {
  const times = uuidTimes()
  const known = '0190a5b4-7c3d-7000-8abc-0123456789ab'
  times.set(known, 5)
  const others = [
    '',
    'session-1',
    known.toUpperCase(),
    known.replaceAll('-', '_'),
    // Digits whose codes end in the same bits.
    known.replace('9a', '9\u0091'),
    known.replace('9ab', '9q2'),
    `${known} `,
    known.slice(1),
  ]
  deepEqual(
    others.map((other) => [times.get(other), times.set(other, 5)]),
    others.map(() => [undefined, false]),
  )
  equal(times.size(), 1)
})
