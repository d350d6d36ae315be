import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { getAccount } from './get-account.ts'
import { login } from './login.ts'
import { register } from './register.ts'
import { authWorld, client, type AuthWorld } from './testing/auth-world.ts'
import { cheapPasswords } from './testing/cheap-passwords.ts'
import { authenticate, outcomeOf } from './testing/members.ts'

let world: AuthWorld
beforeEach(async () => {
  world = await authWorld(undefined, { passwords: cheapPasswords })
})
afterEach(() => world.close())

const caller = async () => {
  const typed = { username: ' Ada Lovelace', email: 'Ada@Example.COM', password: 'secret' }
  await register(world)(typed, client)
  const { token } = await login(world)({ email: typed.email, password: 'secret' }, client)
  return { ...client, ...(await authenticate(world, token)) }
}

test('people read what they typed, and no more than that', async () => {
  const ada = await caller()
  assert.deepEqual(await getAccount(world)({}, ada), {
    user_id: ada.userId,
    username: 'Ada Lovelace',
    email: 'Ada@Example.COM',
    created_at: '2026-01-01T00:00:00.000Z',
  })
})

test('of an account that was deleted meanwhile nothing is left to read', async () => {
  const ada = await caller()
  const account = await world.accounts.findByPublicId(ada.userId)
  await world.accounts.delete(account?.id ?? '')
  assert.equal(await outcomeOf(getAccount(world)({}, ada)), 'token-revoked')
})
