import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { assertProperty } from '@gatehouse/testing/assert-property.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { leasedRateLimits } from './leased-rate-limits.ts'
import { limits } from './limits.ts'
import { localRateLimits } from './local-rate-limits.ts'
import type { Take, Taken } from './rate-limits.ts'
import { busiest } from './testing/busiest.ts'
import { memoryPermits } from './testing/memory-permits.ts'

const windowMs = 1000

/** So many gateways over one place of permits; no two clocks agree. */
const gateways = (points: number, count = 3, keysMax = 10) => {
  const clock = movableClock()
  const permits = memoryPermits(() => clock.monotonic() + 12_345)
  let asked = 0
  const counted = {
    ...permits,
    take: (...args: Parameters<typeof permits.take>) => ((asked += 1), permits.take(...args)),
  }
  const quota = { name: 'test', points, windowSeconds: windowMs / 1000 }
  const takes = Array.from({ length: count }, (_, n): Take => {
    const own = { now: clock.now, monotonic: () => clock.monotonic() + n * 777 }
    const alone = localRateLimits({ clock: own, random: Math.random, share: limits.aloneShare })
    return leasedRateLimits({ permits: counted, alone, clock: own, keysMax }).limit(quota)
  })
  const take = async (gateway: number, key = 'a'): Promise<Taken> => (await takes[gateway]?.(key)) ?? assert.fail()
  return { clock, permits, take, takes, asked: () => asked }
}

const step = fc.record({
  gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 1500 })),
  gateway: fc.integer({ min: 0, max: 2 }),
  count: fc.integer({ min: 1, max: 12 }),
})

test('over all gateways never more pass in any window than there are points, whatever the times', async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 1, maxLength: 80 }),
    fc.integer({ min: 1, max: 40 }),
    // One of the runs has no place for anybody: nothing can be taken in advance.
    fc.constantFrom(10, 0),
    async (steps, points, keysMax) => {
      const { clock, take } = gateways(points, 3, keysMax)
      const passed: number[] = []
      for (const { gapMs, gateway, count } of steps) {
        clock.advance(gapMs)
        const all = await Promise.all(Array.from({ length: count }, () => take(gateway)))
        for (const { passed: has, left } of all) {
          if (has) passed.push(clock.monotonic())
          assert.ok(left >= 0 && left < points)
        }
      }
      assert.ok(busiest(passed, windowMs) <= points)
    },
  )
  await assertProperty('leased-rate-limits', property, { numRuns: 300 })
})

suite('what all gateways count together', () => {
  test('is all that there is, and not less: what one does not use, another finds', async () => {
    const { clock, take } = gateways(100)
    for (let window = 0; window < 20; window += 1) {
      let passed = 0
      for (let n = 0; n < 100; n += 1) passed += (await take((window + n) % 3)).passed ? 1 : 0
      // What two of them hold in hand when the third is refused, each at most a part of what was left.
      assert.ok(passed >= 90, `${passed} in window ${window}`)
      clock.advance(windowMs * (1 + 1 / limits.windowParts))
    }
  })

  test('is given back in the next part of the window by who did not use it', async () => {
    const { clock, take } = gateways(1000)
    let used = 0
    for (const count of [60, 1, 1, 1]) {
      for (let n = 0; n < count; n += 1) used += (await take(0)).passed ? 1 : 0
      clock.advance(windowMs / limits.windowParts)
    }
    assert.equal(used, 63)
    const found = await Promise.all(Array.from({ length: 1000 }, () => take(1)))
    // One is in the hand of the first, who has needed one at a time lately.
    assert.equal(found.filter(({ passed }) => passed).length, 1000 - used - 1)
  })

  test('is not used after the part of the window in which it was counted', async () => {
    const { clock, take, takes, asked } = gateways(1000, 1)
    for (let n = 0; n < 60; n += 1) await take(0)
    while (takes[0]?.('a') instanceof Promise) await take(0)
    const before = asked()
    clock.advance(windowMs / limits.windowParts)
    await take(0)
    assert.equal(asked(), before + 1)
  })

  test('is asked for seldom: a caller who comes often is let pass without a question', async () => {
    const { take, takes, asked } = gateways(100_000, 1)
    for (let n = 0; n < 10_000; n += 1) await take(0)
    assert.ok(asked() < 40, `${asked()} questions`)
    assert.ok(!(takes[0]?.('a') instanceof Promise))
  })

  test('is not asked for by one who is refused: a flood costs Redis one question in a part of the window', async () => {
    const { take, asked } = gateways(1, 1)
    for (let n = 0; n < 1000; n += 1) await take(0)
    assert.ok(asked() <= 3, `${asked()} questions`)
  })

  test('is told to who is refused: when to come again, to the millisecond', async () => {
    const { clock, take } = gateways(5, 1)
    for (let n = 0; n < 5; n += 1) assert.ok((await take(0)).passed)
    const refused = await take(0)
    assert.deepEqual([refused.passed, refused.left], [false, 0])
    clock.advance(refused.resetMs - 1)
    assert.equal((await take(0)).passed, false)
    clock.advance(1)
    assert.equal((await take(0)).passed, true)
  })
})

test('while the place of permits is away each counts for itself, and half; what was taken before goes on', async () => {
  const { clock, permits, take } = gateways(10)
  permits.away = true
  for (const gateway of [0, 1, 2]) {
    const taken = await Promise.all(Array.from({ length: 20 }, () => take(gateway)))
    assert.equal(taken.filter(({ passed }) => passed).length, 5)
  }
  permits.away = false
  clock.advance(2 * windowMs)
  let passed = 0
  for (let n = 0; n < 30; n += 1) passed += (await take(n % 3)).passed ? 1 : 0
  assert.ok(passed <= 10 && passed >= 8, `${passed}`)
})
