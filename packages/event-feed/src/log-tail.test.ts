import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { logTail, type LogTail } from './log-tail.ts'

type Row = { readonly seq: number }
const rows = (...seqs: readonly number[]): Row[] => seqs.map((seq) => ({ seq }))

const tailOf = (options: { readonly gapsMax?: number } = {}) => {
  const clock = movableClock()
  const delivered: number[] = []
  const tail = logTail<Row>({ clock, gapMs: 30_000, deliver: ({ seq }) => delivered.push(seq), ...options })
  return { clock, delivered, tail }
}

test('a number that appears after a larger one is delivered, and resume waits for it', () => {
  const { tail, delivered } = tailOf()
  tail.accept(rows(1, 2, 5))
  equal(tail.resume(), 2)
  tail.accept(rows(4, 5, 2))
  equal(tail.resume(), 2)
  tail.accept(rows(3))
  equal(tail.resume(), 5)
  deepEqual(delivered, [1, 2, 5, 4, 3])
})

test('a number that never appears is given up by a read that began after its time, not by the clock', () => {
  const { tail, clock } = tailOf()
  tail.accept(rows(1, 3))
  clock.advance(29_999)
  tail.settle(clock.monotonic())
  equal(tail.resume(), 1)
  const beganTooEarly = clock.monotonic()
  clock.advance(60_000)
  tail.settle(beganTooEarly)
  equal(tail.resume(), 1)
  tail.settle(clock.monotonic())
  equal(tail.resume(), 3)
})

test('gaps far from the end are read by themselves, near ones together', () => {
  const { tail } = tailOf()
  tail.startAt(0, rows(2, 4, ...Array.from({ length: 5000 }, (_, at) => at + 5)))
  deepEqual(tail.reads(), [
    { after: 0, through: 3 },
    { after: 5004, through: Infinity },
  ])
  tail.accept(rows(1, 3))
  deepEqual(tail.reads(), [{ after: 5004, through: Infinity }])
})

test('rows known at the start are not delivered, gaps among them are watched', () => {
  const { tail, delivered } = tailOf()
  tail.startAt(100, rows(101, 103))
  equal(tail.resume(), 101)
  tail.accept(rows(101, 102, 103))
  deepEqual(delivered, [102])
  equal(tail.resume(), 103)
})

test('past the bound of gaps rows may come twice, but every one comes', () => {
  const { tail, delivered } = tailOf({ gapsMax: 3 })
  const odd = Array.from({ length: 50 }, (_, at) => at * 2 + 1)
  const even = odd.map((seq) => seq + 1)
  tail.accept(rows(...odd))
  ok(tail.reads().length <= 4)
  tail.accept(rows(...even))
  deepEqual(
    [...new Set(delivered)].toSorted((a, b) => a - b),
    [...odd, ...even].toSorted((a, b) => a - b),
  )
})

type Action =
  | { readonly type: 'begin'; readonly here: boolean }
  | { readonly type: 'commit' | 'rollback' | 'repeat'; readonly which: number }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'poll' | 'restart' }

const which = fc.nat({ max: 50 })
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('begin' as const), here: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constantFrom('commit', 'commit', 'commit', 'rollback', 'repeat'), which }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(1, 250, 10_000, 29_999, 90_000) }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constantFrom('poll', 'poll', 'poll', 'restart') }) },
)

test('in any order of events every row is delivered once, and never behind resume', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 120 }), fc.boolean(), (actions, commitsWhilePolling) => {
      const clock = movableClock()
      let given = 0
      const open: { readonly seq: number; readonly here: boolean; readonly since: number }[] = []
      const committed = new Set<number>()
      let delivered = new Set<number>()
      let known = new Set<number>()
      let claimed = 0

      const make = (): LogTail<Row> => {
        const made: LogTail<Row> = logTail<Row>({
          clock,
          gapMs: 30_000,
          deliver: ({ seq }) => {
            ok(seq > claimed, `${seq} came after everything up to ${claimed} was said to have come`)
            ok(!delivered.has(seq) && !known.has(seq), `${seq} came twice`)
            delivered.add(seq)
            claimed = made.resume()
          },
        })
        return made
      }
      let tail = make()

      const finish = (at: number, how: 'commit' | 'rollback'): void => {
        const [transaction] = open.splice(at, 1)
        if (transaction === undefined || how === 'rollback') return
        committed.add(transaction.seq)
        if (transaction.here) tail.accept(rows(transaction.seq))
      }
      const poll = (): void => {
        const startedAt = clock.monotonic()
        for (const { after, through } of tail.reads()) {
          const page = [...committed].filter((seq) => seq > after && seq <= through).toSorted((a, b) => a - b)
          if (commitsWhilePolling && open.length > 0) finish(open.length - 1, 'commit')
          tail.accept(rows(...page))
        }
        tail.settle(startedAt)
        claimed = tail.resume()
      }

      for (const step of actions) {
        if (step.type === 'begin') open.push({ seq: (given += 1), here: step.here, since: clock.monotonic() })
        else if (step.type === 'commit' || step.type === 'rollback') {
          if (open.length > 0) finish(step.which % open.length, step.type)
        } else if (step.type === 'repeat') {
          const some = [...delivered, ...known][step.which % Math.max(1, delivered.size + known.size)]
          if (some !== undefined) tail.accept(rows(some))
        } else if (step.type === 'wait') {
          // The database's promise: no transaction lives as long as a gap is watched.
          for (let at = open.length - 1; at >= 0; at -= 1)
            if (clock.monotonic() + step.ms - (open[at]?.since ?? 0) >= 30_000) finish(at, 'rollback')
          clock.advance(step.ms)
        } else if (step.type === 'poll') poll()
        else {
          const after = Math.max(0, Math.min(given, ...open.map(({ seq }) => seq - 1)) - 3)
          known = new Set(committed)
          delivered = new Set()
          tail = make()
          tail.startAt(after, rows(...[...committed].filter((seq) => seq > after)))
          claimed = tail.resume()
        }
        ok(tail.resume() >= claimed, 'resume went back')
      }

      while (open.length > 0) finish(0, 'commit')
      poll()
      deepEqual(
        [...delivered].toSorted((a, b) => a - b),
        [...committed].filter((seq) => !known.has(seq)).toSorted((a, b) => a - b),
      )
      clock.advance(30_000)
      poll()
      ok(tail.resume() >= Math.max(0, ...committed), 'resume stays behind what was rolled back')
    }),
    { numRuns: 2000 },
  )
})
