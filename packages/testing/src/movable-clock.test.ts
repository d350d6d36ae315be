import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foreseeableIds } from './foreseeable-ids.ts'
import { movableClock } from './movable-clock.ts'
import { waitFor } from './wait-for.ts'

test('a movable clock stands still until it is moved; a wall time that is set moves no duration', () => {
  const clock = movableClock(1_000)
  assert.deepEqual([clock.now(), clock.monotonic()], [1_000, 0])
  clock.advance(250)
  assert.deepEqual([clock.now(), clock.monotonic()], [1_250, 250])
  clock.setWallTime(5)
  assert.deepEqual([clock.now(), clock.monotonic()], [5, 250])
})

test('foreseeable identifiers are the same for the same seed, different otherwise, and well-formed', () => {
  const draw = (seed: string): readonly string[] => {
    const ids = foreseeableIds(seed)
    return [ids.uuidv4(), ids.uuidv7(), ids.uuidv7(), ids.bytes(40).toString('hex')]
  }
  const [v4 = '', first = '', second = '', bytes = ''] = draw('a')
  assert.deepEqual(draw('a'), [v4, first, second, bytes])
  assert.equal(new Set([...draw('a'), ...draw('b')]).size, 8)
  assert.match(v4, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.match(first, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.ok(first < second)
  assert.equal(bytes.length, 80)
})

test('a wait ends with the fact, and says what it waited for when there is none', async () => {
  let asked = 0
  await waitFor(() => ++asked === 3, { what: 'the third time' })
  assert.equal(asked, 3)
  const never = waitFor(() => Promise.reject(new Error('still no')), { what: 'a miracle', timeoutMs: 20 })
  await assert.rejects(
    never,
    (error) =>
      error instanceof Error && /20 ms for a miracle/.test(error.message) && /still no/.test(String(error.cause)),
  )
})
