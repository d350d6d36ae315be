import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { localCounter } from '@gatehouse/counters/local-counter.ts'
import { attempts, type Attempts } from './attempts.ts'
import { attemptLimits, attemptLog } from './stores/attempt-log.ts'
import { authWorld, type AuthWorld } from './testing/auth-world.ts'
import { outcomeOf } from './testing/members.ts'

const addressesMax = 10

let world: AuthWorld
let guarded: Attempts
beforeEach(async () => {
  world = await authWorld()
  guarded = attempts({ log: attemptLog(world.database, world.clock), failuresByAddress: byAddress() })
})
afterEach(() => world.close())

const byAddress = () =>
  localCounter({ name: 'test', points: addressesMax, windowSeconds: 600, clock: world.clock, random: Math.random })
const stranger = { bucket: 'account:ada', address: '203.0.113.7', isKnownDevice: false }
const wrong = { ok: false, weak: false }
const right = { ok: true, weak: false }

/** `evaluated`, or the code of the refusal. */
const guess = (verdict = wrong, who = stranger): Promise<string> =>
  outcomeOf(
    guarded
      .begin(who)
      .then(({ evaluate }) => evaluate(async () => verdict))
      .then(() => 'evaluated'),
  )
const guesses = async (count: number, who = stranger): Promise<readonly string[]> => {
  const outcomes: string[] = []
  for (let n = 0; n < count; n += 1) outcomes.push(await guess(wrong, who))
  return outcomes
}
const evaluated = (outcomes: readonly string[]): number => outcomes.filter((outcome) => outcome === 'evaluated').length

test('so many guesses are evaluated; the next is refused and told when to come back', async () => {
  assert.equal(evaluated(await guesses(attemptLimits.free)), attemptLimits.free)
  await assert.rejects(guarded.begin(stranger), refuse('too-many-attempts', { retryAfterSeconds: 1 }))
  world.clock.advance(1000)
  assert.deepEqual(await guesses(2), ['evaluated', 'too-many-attempts'])
})

test('of two hundred at once no more are evaluated than are free', async () => {
  guarded = attempts({
    log: attemptLog(world.database, world.clock),
    failuresByAddress: localCounter({
      name: 'test',
      points: 1000,
      windowSeconds: 600,
      clock: world.clock,
      random: Math.random,
    }),
  })
  const outcomes = await Promise.all(Array.from({ length: 200 }, () => guess()))
  assert.equal(evaluated(outcomes), attemptLimits.free)
})

test('a right password clears its bucket, and the wrong ones before it stay with the address', async () => {
  await guesses(attemptLimits.free - 1)
  assert.equal(await guess(right), 'evaluated')
  assert.equal(evaluated(await guesses(2 * addressesMax)), attemptLimits.free)
  const left = addressesMax - (attemptLimits.free - 1) - attemptLimits.free
  const outcomes = await guesses(addressesMax, { ...stranger, bucket: 'account:bob' })
  assert.equal(evaluated(outcomes), left)
})

test('right passwords, however many come from one address, are never too many', async () => {
  for (let round = 0; round < 3 * addressesMax; round += 1) assert.equal(await guess(right), 'evaluated')
})

test('one who tries many accounts is stopped at the address', async () => {
  const outcomes: string[] = []
  for (let account = 0; account < 3 * addressesMax; account += 1) {
    outcomes.push(await guess(wrong, { ...stranger, bucket: `account:${account}` }))
  }
  assert.equal(evaluated(outcomes), addressesMax)
  assert.equal(await guess(wrong, { ...stranger, bucket: 'account:x', address: '203.0.113.8' }), 'evaluated')
})

test('all of an IPv6 network is one address', async () => {
  const from = (n: number) => ({ ...stranger, bucket: `account:${n}`, address: `2001:db8:1:2::${n.toString(16)}` })
  const outcomes: string[] = []
  for (let n = 0; n < 3 * addressesMax; n += 1) outcomes.push(await guess(wrong, from(n)))
  assert.equal(evaluated(outcomes), addressesMax)
})

for (const [name, who] of [
  ['a known device', { isKnownDevice: true }],
  ['loopback, which speaks for everybody', { address: '127.0.0.1' }],
  ['loopback in IPv6', { address: '::1' }],
] as const) {
  test(`${name} is not counted by its address`, async () => {
    for (let account = 0; account < addressesMax; account += 1) {
      await guess(wrong, { ...stranger, bucket: `account:${account}` })
    }
    for (let account = 0; account < 2 * addressesMax; account += 1) {
      const outcome = await guess(wrong, { ...stranger, bucket: `other:${account}`, ...who })
      assert.equal(outcome, 'evaluated')
    }
  })
}

test('a guess that is refused by its bucket costs the address nothing', async () => {
  await guesses(attemptLimits.free)
  assert.equal(evaluated(await guesses(5 * addressesMax)), 0)
  const others = { ...stranger, bucket: 'account:bob' }
  assert.equal(evaluated(await guesses(attemptLimits.free, others)), attemptLimits.free)
})

for (const [name, failure] of [
  ['a busy machine', refuse('hashing-busy')],
  ['a fault of ours', new Error('a damaged row')],
] as const) {
  test(`${name} costs no guess, neither in the bucket nor at the address`, async () => {
    for (let round = 0; round < 5 * addressesMax; round += 1) {
      const attempt = await guarded.begin(stranger)
      await assert.rejects(
        attempt.evaluate(() => Promise.reject(failure)),
        failure,
      )
    }
    assert.equal(evaluated(await guesses(2 * addressesMax)), attemptLimits.free)
  })
}

test('a database that is away costs the address nothing', async () => {
  const log = attemptLog(world.database, world.clock)
  const failuresByAddress = byAddress()
  const away = { ...log, reserve: () => Promise.reject(refuse('database-unavailable')) }
  guarded = attempts({ log: away, failuresByAddress })
  for (let round = 0; round < 2 * addressesMax; round += 1) assert.equal(await guess(), 'database-unavailable')
  guarded = attempts({ log, failuresByAddress })
  assert.equal(await guess(), 'evaluated')
})

test('a right password whose count cannot be cleared is not answered, and not counted at the address', async () => {
  const log = attemptLog(world.database, world.clock)
  const failuresByAddress = byAddress()
  guarded = attempts({
    log: { ...log, clear: () => Promise.reject(refuse('database-unavailable')) },
    failuresByAddress,
  })
  for (let round = 0; round < attemptLimits.free; round += 1) {
    assert.equal(await guess(right), 'database-unavailable')
  }
  guarded = attempts({ log, failuresByAddress })
  world.clock.advance(1000)
  assert.equal(await guess(right), 'evaluated')
})
