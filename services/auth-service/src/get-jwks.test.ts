import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { getJwks } from './get-jwks.ts'
import { authWorld, client } from './testing/auth-world.ts'

test('GET /auth/.well-known/jwks.json has the key that signs and the one that will, and nothing private', async () => {
  const world = await authWorld()
  const set = await getJwks(world)({}, client)
  assert.equal(set.keys.length, 2)
  for (const key of set.keys)
    assert.deepEqual(Object.keys(key).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])

  const session = { id: 's', expiresAt: world.clock.now() + 60_000 }
  const { token } = world.accessTokens.issue({ publicId: 'u', epoch: 0 }, session)
  const currentDate = new Date(world.clock.now())
  const { payload } = await jwtVerify(token, createLocalJWKSet(set), {
    issuer: 'gatehouse',
    audience: 'gatehouse',
    currentDate,
  })
  assert.equal(payload.sub, 'u')
  await world.close()
})
