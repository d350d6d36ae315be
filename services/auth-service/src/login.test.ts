import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { login } from './login.ts'
import { register } from './register.ts'
import { accessTokenTtlMs, authWorld, client, sessionTtlMs, type AuthWorld } from './testing/auth-world.ts'

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
