import assert from 'node:assert/strict'
import { test } from 'node:test'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { limits } from './limits.ts'
import { localRateLimits } from './local-rate-limits.ts'
import type { Take, Taken } from './rate-limits.ts'

const quota = { name: 'test', points: 3, windowSeconds: 60 }
const opened = (particulars: { readonly share?: number; readonly keysMax?: number } = {}) => {
  const clock = movableClock()
  return { clock, rates: localRateLimits({ clock, random: Math.random, ...particulars }) }
}

/** At once: this process need not ask anybody. */
const now = (take: Take, key: string): Taken => {
  const taken = take(key)
  return taken instanceof Promise ? assert.fail('a promise') : taken
}
const passes = (take: Take, key: string, count = 9): number =>
  Array.from({ length: count }, () => now(take, key)).filter(({ passed }) => passed).length

test('so many pass, and each is told what is left and when it begins to come back', () => {
  const { clock, rates } = opened()
  const take = rates.limit(quota)
  assert.deepEqual(
    Array.from({ length: 4 }, () => now(take, 'a')),
    [
      { passed: true, left: 2, resetMs: 66_000 },
      { passed: true, left: 1, resetMs: 66_000 },
      { passed: true, left: 0, resetMs: 66_000 },
      { passed: false, left: 0, resetMs: 66_000 },
    ],
  )
  clock.advance(65_999)
  assert.equal(passes(take, 'a'), 0)
  clock.advance(1)
  assert.equal(passes(take, 'a'), 3)
})

test('a limit that is asked for again has the same count; by another name or rule it has its own', () => {
  const { rates } = opened()
  assert.equal(passes(rates.limit(quota), 'a'), 3)
  assert.equal(passes(rates.limit({ ...quota }), 'a'), 0)
  assert.equal(passes(rates.limit({ ...quota, name: 'other' }), 'a'), 3)
  assert.equal(passes(rates.limit({ ...quota, points: 4 }), 'a'), 4)
})

test('one of many that count alone lets its share pass, rounded up, and says that it is alone', () => {
  const { rates } = opened({ share: limits.aloneShare })
  assert.deepEqual([passes(rates.limit(quota), 'a'), rates.isDegraded(), opened().rates.isDegraded()], [2, true, false])
})

test('nobody begins his count anew by calling under many other names, and no name has more than its points', () => {
  const { clock, rates } = opened({ keysMax: 100 })
  const take = rates.limit(quota)
  assert.equal(passes(take, 'a'), 3)
  for (let n = 0; n < 10_000; n += 1) now(take, `flood ${n}`)
  assert.equal(passes(take, 'a'), 0)
  assert.ok(passes(take, 'new') <= 3)
  // A flood that is over leaves nothing behind.
  clock.advance(120_000)
  for (let n = 0; n < 99; n += 1) assert.equal(passes(take, `later ${n}`), 3)
})
