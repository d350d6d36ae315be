import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getHealth } from './get-health.ts'
import { authWorld, client } from './testing/auth-world.ts'

test('the service is healthy while its database answers, and not after', async () => {
  const world = await authWorld()
  assert.deepEqual(await getHealth(world)({}, client), { status: 'Auth service is healthy' })
  const away = { ...world, pingDatabase: () => Promise.reject(new Error('away')) }
  await assert.rejects(getHealth(away)({}, client))
  await world.close()
})
