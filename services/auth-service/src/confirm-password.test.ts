import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { confirmPassword } from './confirm-password.ts'
import { attemptLimits } from './stores/attempt-log.ts'
import type { AuthWorld } from './testing/auth-world.ts'
import { adasWorld, logIn, outcomeOf, password, type Member } from './testing/members.ts'

let world: AuthWorld
let mine: Member
beforeEach(async () => {
  world = await adasWorld()
  mine = await logIn(world)
})
afterEach(() => world.close())

const confirmed = (typed: string, { by = mine, on = world } = {}): Promise<string> =>
  outcomeOf(confirmPassword(on, by.caller, typed).then(({ publicId }) => publicId))

test('the right password answers the account, and forgets the guesses before it', async () => {
  for (let round = 0; round < 3; round += 1) {
    for (let guess = 0; guess < attemptLimits.free - 1; guess += 1) {
      assert.equal(await confirmed('wrong'), 'wrong-password')
    }
    assert.equal(await confirmed(password), mine.caller.userId)
  }
})

test('guesses are bounded for each session, whatever is being confirmed', async () => {
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => confirmed('wrong')))
  assert.equal(outcomes.filter((outcome) => outcome === 'wrong-password').length, attemptLimits.free)
  assert.equal(await confirmed(password), 'too-many-attempts')
  assert.equal(await confirmed(password, { by: await logIn(world) }), mine.caller.userId)
  world.clock.advance(1000)
  assert.equal(await confirmed(password), mine.caller.userId)
})

test('a busy machine costs no guess', async () => {
  const passwords = { ...world.passwords, verify: () => Promise.reject(refuse('hashing-busy')) }
  for (let round = 0; round < 3 * attemptLimits.free; round += 1) {
    assert.equal(await confirmed(password, { on: { ...world, passwords } }), 'hashing-busy')
  }
  assert.equal(await confirmed(password), mine.caller.userId)
})
