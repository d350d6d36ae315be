import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { limits } from './limits.ts'
import { grant, isForgotten, resetMsOf, slidingWindow, takeOne } from './sliding-window.ts'
import { busiest } from './testing/busiest.ts'

const windowMs = 1000
const partMs = windowMs / limits.windowParts

test('in no window of time more are taken than there are points, whatever the times', () => {
  const gaps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 3000 })), {
    minLength: 1,
    maxLength: 200,
  })
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 9 }), (gapsMs, points) => {
      const window = slidingWindow(windowMs)
      const taken: number[] = []
      let nowMs = 0
      for (const gapMs of gapsMs) {
        nowMs += gapMs
        if (takeOne(window, nowMs, points)) taken.push(nowMs)
      }
      assert.ok(busiest(taken, windowMs) <= points)
    }),
  )
})

test('who is refused is told to the millisecond when there is one again', () => {
  const window = slidingWindow(windowMs)
  let refused = 0
  for (let nowMs = 0; nowMs < 5000; nowMs += 7) {
    if (takeOne(window, nowMs, 20)) continue
    refused += 1
    nowMs += resetMsOf(window, nowMs) - 1
    assert.equal(takeOne(window, nowMs, 20), false)
    nowMs += 1
    assert.equal(takeOne(window, nowMs, 20), true)
  }
  assert.ok(refused > 3)
})

test('one who waits a window and a part of it has everything again, and not before the window is over', () => {
  for (const startMs of [0, 1, 99, 100, 777]) {
    const window = slidingWindow(windowMs)
    for (let n = 0; n < 5; n += 1) assert.ok(takeOne(window, startMs, 5))
    const laterMs = startMs + windowMs + partMs
    assert.deepEqual([isForgotten(window, startMs + windowMs), isForgotten(window, laterMs)], [false, true])
    assert.equal(takeOne(window, startMs + windowMs, 5), false)
    assert.equal(grant(window, laterMs, 5, { sure: 9, more: 0 }), 5)
  }
})
