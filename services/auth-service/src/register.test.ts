import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import { register } from './register.ts'
import { authWorld, client, type AuthWorld } from './testing/auth-world.ts'

let world: AuthWorld
beforeEach(async () => {
  world = await authWorld()
})
afterEach(() => world.close())

const ada = { username: 'ada', email: 'ada@example.com', password: 'secret' }

test('an account is there once it is answered, and the log says so', async () => {
  const answer = await register(world)(ada, client)
  assert.equal(answer.message, 'User registered successfully')
  const account = await world.accounts.findByEmail('ada@example.com')
  assert.equal(account?.publicId, answer.user_id)
  assert.match(account?.passwordHash ?? '', /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  assert.deepEqual(
    world.committed.map(({ type, user_id }) => ({ type, user_id })),
    [{ type: 'user.registered', user_id: answer.user_id }],
  )
})

for (const [name, again, code] of [
  ['the same name', { username: 'ada', email: 'b@example.com' }, 'username-taken'],
  ['the name in other letters and with space around', { username: '  ADA ', email: 'b@example.com' }, 'username-taken'],
  ['the same address in other letters', { username: 'bea', email: 'ADA@Example.COM' }, 'email-taken'],
] as const) {
  test(`${name} is taken, and nothing is written`, async () => {
    await register(world)(ada, client)
    await assert.rejects(register(world)({ ...again, password: 'secret' }, client), { code })
    assert.equal(world.committed.length, 1)
  })
}

for (const [member, account] of [
  ['/username', { username: '\u0958'.repeat(41), email: 'a@example.com' }],
  ['/email', { username: 'a', email: `${'\u0958'.repeat(60)}@example.com` }],
] as const) {
  test(`a ${member.slice(1)} that is too long in its normal form is named, not cut and not stored`, async () => {
    await assert.rejects(register(world)({ ...account, password: 'secret' }, client), (error) => {
      assert.ok(error instanceof Refusal && error.code === 'invalid-request')
      assert.deepEqual(
        error.particulars.errors?.map(({ path }) => path),
        [member],
      )
      return true
    })
    assert.equal(world.committed.length, 0)
  })
}

test('of twenty who want one name at once, one gets it', async () => {
  const tries = Array.from({ length: 20 }, (_, n) => register(world)({ ...ada, email: `${n}@example.com` }, client))
  const settled = await Promise.allSettled(tries)
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.equal(world.committed.length, 1)
})

test('a password that the policy refuses is named, and costs no hash', async () => {
  const passwords = { ...world.passwords, hash: () => assert.fail('hashed') }
  await assert.rejects(register({ ...world, passwords })({ ...ada, password: 'short' }, client), (error) => {
    assert.ok(error instanceof Error && 'particulars' in error)
    assert.deepEqual(error.particulars, {
      errors: [{ path: '/password', message: 'The password must have at least 6 characters.' }],
    })
    return true
  })
})
