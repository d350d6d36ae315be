import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuthWorld } from '../testing/auth-world.ts'
import { onBothDatabases, type Replicas } from '../testing/on-both-databases.ts'
import { attemptLimits, attemptLog } from './attempt-log.ts'

const logOf = ({ database, clock }: AuthWorld) => attemptLog(database, clock)

/** Twenty guesses, each as soon as it is allowed: how long each had to wait. */
const waits = async ({ one, two }: Replicas, key: string): Promise<readonly number[]> => {
  const waited: number[] = []
  for (let guess = 0; guess < 20; guess += 1) {
    const replica = guess % 2 === 0 ? one : two
    const waitMs = await logOf(replica).reserve(key)
    waited.push(waitMs)
    if (waitMs === 0) continue
    one.clock.advance(waitMs - 1)
    assert.equal(await logOf(replica).reserve(key), 1)
    one.clock.advance(1)
    assert.equal(await logOf(replica).reserve(key), 0)
  }
  return waited
}

onBothDatabases('counting wrong guesses', (given) => {
  test('five are free; after each further one the wait doubles, from a second to a quarter of an hour', async () => {
    const seconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900]
    assert.deepEqual(await waits(given(), 'growing'), [0, 0, 0, 0, 0, ...seconds.map((wait) => wait * 1000)])
  })

  test('of two hundred at once on two replicas five are let in, and after the wait exactly one more', async () => {
    const { one, two } = given()
    const atOnce = (count: number): Promise<readonly number[]> =>
      Promise.all(Array.from({ length: count }, (_, n) => logOf(n % 2 === 0 ? one : two).reserve('flood')))
    const first = await atOnce(200)
    assert.equal(first.filter((waitMs) => waitMs === 0).length, attemptLimits.free)
    assert.ok(first.every((waitMs) => waitMs === 0 || waitMs === attemptLimits.firstWaitMs))
    one.clock.advance(attemptLimits.firstWaitMs)
    const second = await atOnce(200)
    assert.equal(second.filter((waitMs) => waitMs === 0).length, 1)
    assert.ok(second.every((waitMs) => waitMs === 0 || waitMs === 2 * attemptLimits.firstWaitMs))
  })

  test('however many guesses there were, the wait is a quarter of an hour', async () => {
    const { one } = given()
    const log = logOf(one)
    for (const failures of [50, 64, 1_000, 1_000_000]) {
      const row = { bucket: `after ${failures}`, failures, next_at: 1, updated_at: 1 }
      await one.database.query.insertInto('login_attempts').values(row).execute()
      assert.deepEqual([await log.reserve(row.bucket), await log.reserve(row.bucket)], [0, attemptLimits.waitMsMax])
    }
  })

  test('buckets do not know each other', async () => {
    const log = logOf(given().one)
    for (let guess = 0; guess < 6; guess += 1) await log.reserve('mine')
    assert.equal(await log.reserve('Mine'), 0)
  })

  test('a guess that was given back was never made, and no more can be given back than were made', async () => {
    const log = logOf(given().one)
    await log.release('given back')
    for (let guess = 0; guess < 5; guess += 1) assert.equal(await log.reserve('given back'), 0)
    await log.release('given back')
    assert.equal(await log.reserve('given back'), 0)
    assert.ok((await log.reserve('given back')) > 0)
    for (let guess = 0; guess < 9; guess += 1) await log.release('given back')
    const places = await Promise.all(Array.from({ length: 9 }, () => log.reserve('given back')))
    assert.equal(places.filter((waitMs) => waitMs === 0).length, 5)
  })

  test('a right password forgets them all, on every replica', async () => {
    const { one, two } = given()
    for (let guess = 0; guess < 6; guess += 1) await logOf(one).reserve('forgotten')
    await logOf(two).clear('forgotten')
    const places = await Promise.all(Array.from({ length: 9 }, () => logOf(one).reserve('forgotten')))
    assert.equal(places.filter((waitMs) => waitMs === 0).length, 5)
  })
})
