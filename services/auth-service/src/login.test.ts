import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { Client } from '@gatehouse/contract/operation.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { login } from './login.ts'
import { register } from './register.ts'
import { attemptLimits } from './stores/attempt-log.ts'
import { accessTokenTtlMs, authWorld, client, sessionTtlMs, stranger, type AuthWorld } from './testing/auth-world.ts'
import { outcomeOf } from './testing/members.ts'

let world: AuthWorld
let userId: string
beforeEach(async () => {
  world = await authWorld()
  userId = (await register(world)({ username: 'Ada', email: 'ada@example.com', password: 'secret' }, client)).user_id
})
afterEach(() => world.close())

test('an address or a name, in any letters, and the password start a session', async () => {
  for (const who of [{ email: 'ada@example.com' }, { email: ' ADA@example.com' }, { username: 'aDa' }]) {
    const answer = await login(world)({ ...who, password: 'secret' }, client)
    assert.equal(answer.user_id, userId)
    assert.equal(answer.token_type, 'Bearer')
    assert.equal(answer.expires_in, 86_400)
    const { userId: caller } = await world.accessTokens.authenticate(['Authorization', `Bearer ${answer.token}`])
    assert.equal(caller, userId)
  }
})

test('the token says what RFC 9068 and the reference want, and no address', async () => {
  const { token } = await login(world)({ email: 'ada@example.com', password: 'secret' }, client)
  const { kid, ...header } = decodeProtectedHeader(token)
  assert.deepEqual(header, { alg: 'ES256', typ: 'at+jwt' })
  assert.ok(world.keyring.has(kid ?? ''))
  const { jti, sid, ...claims } = decodeJwt(token)
  const issuedAt = Math.floor(world.clock.now() / 1000)
  assert.deepEqual(claims, {
    iss: 'gatehouse',
    aud: 'gatehouse',
    sub: userId,
    public_id: userId,
    epoch: 0,
    iat: issuedAt,
    exp: issuedAt + 86_400,
  })
  assert.equal(typeof jti, 'string')
  assert.equal(typeof sid, 'string')
})

test('an unknown address and a wrong password give the same answer, for the same work', async () => {
  let verified = 0
  const passwords: AuthWorld['passwords'] = {
    ...world.passwords,
    verify: (stored, password) => {
      verified += 1
      return world.passwords.verify(stored, password)
    },
  }
  const refusals = await Promise.all(
    [{ email: 'nobody@example.com' }, { email: 'ada@example.com' }].map((who) =>
      login({ ...world, passwords })({ ...who, password: 'wrong!' }, client).catch((error: unknown) => error),
    ),
  )
  assert.deepEqual(refusals[0], refusals[1])
  assert.equal(verified, 2)
})

test('neither or both of address and name are refused without a hash', async () => {
  const passwords: AuthWorld['passwords'] = { ...world.passwords, verify: () => assert.fail('verified') }
  const fails = login({ ...world, passwords })
  await assert.rejects(fails({ password: 'secret' }, client), { code: 'invalid-request' })
  await assert.rejects(fails({ username: 'ada', email: 'ada@example.com', password: 'secret' }, client), {
    code: 'invalid-request',
  })
})

test('a hash weaker than today’s is replaced at login', async () => {
  // Four mebibytes and one pass: what an older system may have left behind.
  const old = '$argon2id$v=19$m=4096,t=1,p=1$dPEaMYqbahxbRAeP84+39A$n99JUrF2IglgMIQNpaxFtHzWCOAfJYaEnMQnd3XrTiY'
  await world.database.query.updateTable('users').set({ password_hash: old }).execute()
  await login(world)({ email: 'ada@example.com', password: 'secret' }, client)
  const account = await world.accounts.findByEmail('ada@example.com')
  assert.match(account?.passwordHash ?? '', /m=19456,t=2,p=1/)
  await login(world)({ email: 'ada@example.com', password: 'secret' }, client)
})

test('an account deleted while its password is hashed gets no session', async () => {
  const passwords: AuthWorld['passwords'] = {
    ...world.passwords,
    verify: async (stored, password) => {
      const verdict = await world.passwords.verify(stored, password)
      const account = await world.accounts.findByEmail('ada@example.com')
      await world.accounts.delete(account?.id ?? '')
      return verdict
    },
  }
  await assert.rejects(login({ ...world, passwords })({ email: 'ada@example.com', password: 'secret' }, client), {
    code: 'invalid-credentials',
  })
})

test('a token does not outlive its session', async () => {
  const short = { ...world, sessionTtlMs: 60_000 }
  const { expires_in } = await login(short)({ email: 'ada@example.com', password: 'secret' }, client)
  assert.equal(expires_in, 60)
  assert.ok(accessTokenTtlMs < sessionTtlMs)
})

const wrong = (from = client, deviceToken?: string) => {
  const device = deviceToken === undefined ? {} : { device_token: deviceToken }
  return outcomeOf(login(world)({ username: 'ada', password: 'wrong!', ...device }, from).then(() => 'logged in'))
}
const right = (from = client, deviceToken?: string) => {
  const device = deviceToken === undefined ? {} : { device_token: deviceToken }
  return outcomeOf(login(world)({ username: 'ada', password: 'secret', ...device }, from).then(() => 'logged in'))
}
const fromAnywhere = (n: number): Client => ({ ...stranger, address: `198.51.${n >> 8}.${n & 255}` })

test('of two hundred strangers at once five are heard, and the owner’s known device logs in all the same', async () => {
  const { device_token } = await login(world)({ username: 'ada', password: 'secret' }, client)
  const outcomes = await Promise.all(Array.from({ length: 200 }, (_, n) => wrong(fromAnywhere(n))))
  assert.equal(outcomes.filter((outcome) => outcome === 'invalid-credentials').length, attemptLimits.free)
  assert.equal(outcomes.filter((outcome) => outcome === 'too-many-attempts').length, 200 - attemptLimits.free)
  assert.equal(await right(fromAnywhere(999)), 'too-many-attempts')
  assert.equal(await right(fromAnywhere(999), device_token), 'logged in')
  assert.equal(await right(client), 'logged in')
})

test('guesses on the owner’s device are bounded too, and keep nobody else out', async () => {
  const { device_token } = await login(world)({ username: 'ada', password: 'secret' }, stranger)
  for (let guess = 0; guess < attemptLimits.free; guess += 1) {
    assert.equal(await wrong(client, device_token), 'invalid-credentials')
  }
  assert.equal(await right(client, device_token), 'too-many-attempts')
  assert.equal(await right(client), 'logged in')
})

test('a device is told its token at its first login, and keeps it', async () => {
  const { device_token } = await login(world)({ username: 'ada', password: 'secret' }, client)
  assert.ok(world.knownDevices.read(userId, device_token))
  const again = await login(world)({ username: 'ada', password: 'secret', device_token }, client)
  assert.equal(again.device_token, device_token)
})

test('a device token of another account, or an invented one, is as good as none', async () => {
  const bob = { username: 'bob', email: 'bob@example.com', password: 'secret' }
  await register(world)(bob, client)
  const { device_token } = await login(world)({ username: 'bob', password: 'secret' }, stranger)
  for (let guess = 0; guess < attemptLimits.free; guess += 1) await wrong(fromAnywhere(guess))
  assert.equal(await right(fromAnywhere(1), device_token), 'too-many-attempts')
  assert.equal(await right(fromAnywhere(1), 'ghd_invented'), 'too-many-attempts')
})

test('an account that does not exist is counted like one that does', async () => {
  const guess = (username: string) =>
    outcomeOf(login(world)({ username, password: 'wrong!' }, stranger).then(() => 'logged in'))
  for (const _ of Array.from({ length: 8 })) assert.equal(await guess('ada'), await guess('nobody'))
  assert.equal(await guess('nobody'), 'too-many-attempts')
})

test('name and address of an account are one account to guess at', async () => {
  for (let guess = 0; guess < attemptLimits.free; guess += 1) await wrong(stranger)
  const byEmail = login(world)({ email: 'ada@example.com', password: 'wrong!' }, stranger)
  assert.equal(await outcomeOf(byEmail), 'too-many-attempts')
})

test('what is refused is not hashed', async () => {
  for (let guess = 0; guess < attemptLimits.free; guess += 1) await wrong(stranger)
  const passwords: AuthWorld['passwords'] = { ...world.passwords, verify: () => assert.fail('verified') }
  const refused = login({ ...world, passwords })({ username: 'ada', password: 'secret' }, stranger)
  await assert.rejects(refused, refuse('too-many-attempts', { retryAfterSeconds: 1 }))
})

test('while the machine is busy a login is turned away before anything is looked up or counted', async () => {
  const never = () => assert.fail('looked up')
  const busy = (): never => {
    throw refuse('hashing-busy')
  }
  const on = {
    ...world,
    passwords: { ...world.passwords, admit: busy },
    accounts: { ...world.accounts, findByEmail: never },
    attempts: { begin: never },
  }
  await assert.rejects(login(on)({ email: 'ada@example.com', password: 'secret' }, client), { code: 'hashing-busy' })
})
