import { deepEqual, equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { costOf, verdictOn, type GateRound } from './gate-verdict.ts'

const baseline = { 'profile-read': { times: 5, microseconds: 60 } }

/** Rounds with these costs beside a loop that takes 12 µs. */
const rounds = (...microseconds: readonly number[]): readonly GateRound[] =>
  microseconds.map((each) => ({ microseconds: each, calibration: 12 }))

const verdicts: readonly (readonly [string, readonly GateRound[], 'over' | 'within'])[] = [
  ['what it cost before', rounds(60, 60, 60), 'within'],
  ['just under the limit', rounds(77.9, 77.9, 77.9), 'within'],
  ['at the limit', rounds(78, 78, 78), 'over'],
  ['far over it', rounds(120, 120, 120), 'over'],
  ['six spoilt rounds of nine', rounds(400, 60, 400, 400, 61, 400, 400, 62, 400), 'within'],
  ['one lucky round of nine', rounds(90, 90, 90, 90, 30, 90, 90, 90, 90), 'over'],
  ['a machine of half the speed', [{ microseconds: 120, calibration: 24 }], 'within'],
  ['the same on a machine of twice the speed', [{ microseconds: 60, calibration: 6 }], 'over'],
  [
    'a machine that slows down after two rounds',
    [...rounds(60, 60), { microseconds: 600, calibration: 120 }],
    'within',
  ],
  ['no round at all', [], 'over'],
  ['a loop that cost nothing', [{ microseconds: 60, calibration: 0 }], 'over'],
]
for (const [name, seen, is] of verdicts)
  test(`${name} is ${is} the limit`, () => equal(verdictOn('profile-read', seen, baseline).is, is))

test('who is over the limit is told the scenario, both costs, their ratio and the rounds', () => {
  const { text } = verdictOn('profile-read', rounds(84, 84, 90), baseline)
  equal(
    text,
    'profile-read: 1.40 of the baseline (at most 1.3): 7 times the calibration loop (84 µs), ' +
      'baseline 5 times the calibration loop (60 µs); 3 rounds, from 7.00 to 7.50 times. TOO DEAR',
  )
})

test('who has made it cheaper is told how to keep that', () => {
  match(verdictOn('profile-read', rounds(40), baseline).text, /Cheaper: .*--renew/)
})

test('a scenario without a baseline is not within it', () => {
  equal(verdictOn('something-new', rounds(60), baseline).is, 'unknown')
})

test('a cost is that of the quietest rounds but the first, over the same of the loop', () => {
  const nine = [9, 3, 7, 1, 5, 8, 2, 6, 4]
  const cost = costOf(nine.map((each) => ({ microseconds: 30 * each, calibration: 40 - 2 * each })))
  deepEqual(cost, { times: 2.5, microseconds: 60 })
})
