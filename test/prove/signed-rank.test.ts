import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signedRank } from './signed-rank.ts'

test('differences that cancel out are none', () => {
  const { p, effect } = signedRank(Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? 1 : -1) * (1 + (at >> 1))))
  assert.equal(effect, 0)
  assert.ok(p > 0.99)
})

test('the statistic is the textbook one, ties included', () => {
  // Worked by hand: ranks 1.5 1.5 3.5 3.5 5.5 5.5 7.5 7.5 9 10, of which 1.5 and 3.5 are negative; W+ is 50 of 55.
  const { p, effect } = signedRank([1, -1, 2, -2, 3, 3, 4, 4, 5, 6])
  assert.ok(Math.abs(effect - (2 * 50) / 55 + 1) < 1e-12)
  // The mean is 27.5, the variance 96.25 less 24 / 48: z is 22 / 9.785.
  assert.ok(Math.abs(p - 0.02456) < 1e-4, `${p}`)
})

test('one that is always ahead is told apart, and a few that were held up for long do not hide it', () => {
  const ahead = Array.from({ length: 40 }, (_, at) => (at < 3 ? -1_000 : 1 + at / 100))
  const { p, effect } = signedRank(ahead)
  assert.ok(p < 0.001 && effect > 0.5, `${p} ${effect}`)
})
