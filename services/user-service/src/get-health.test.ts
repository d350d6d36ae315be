import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { getHealth } from './get-health.ts'
import { anonymous } from './testing/callers.ts'

test('healthy is who reaches the database', async () => {
  const health = getHealth({ pingDatabase: async () => {} })
  assert.deepEqual(await health({}, anonymous), { status: 'User service is healthy' })
})

test('without the database it is not healthy, and says why', async () => {
  const health = getHealth({ pingDatabase: () => Promise.reject(refuse('database-unavailable')) })
  await assert.rejects(health({}, anonymous), { code: 'database-unavailable' })
})
