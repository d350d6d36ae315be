import assert from 'node:assert/strict'
import { test } from 'node:test'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { counterSuite, isAllowed, local, takes } from './counter-suite.ts'
import { limits } from './limits.ts'
import { localCounter } from './local-counter.ts'

counterSuite('a counter of this process alone', async (quota) => localCounter({ name: 'test', ...quota, ...local }))

test('names that come when all places are taken share some, and have places of their own once others are over', async () => {
  const clock = movableClock()
  const counter = localCounter({ name: 'test', points: 1, windowSeconds: 60, clock, random: Math.random, keysMax: 10 })
  for (let n = 0; n < 10; n += 1) await counter.take(`first ${n}`)
  const waits = await Promise.all(Array.from({ length: 10 * limits.sharedPlaces }, (_, n) => counter.take(`late ${n}`)))
  assert.ok(waits.filter(isAllowed).length <= limits.sharedPlaces)
  clock.advance(60_000)
  for (let n = 0; n < 9; n += 1) assert.deepEqual((await takes(counter, `new ${n}`, 2)).map(isAllowed), [true, false])
})
