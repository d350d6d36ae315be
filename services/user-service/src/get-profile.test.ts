import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getProfile } from './get-profile.ts'
import { bearer } from './testing/callers.ts'
import { memoryStores } from './testing/memory-stores.ts'

test('everyone reads their own profile, as it was last written', async () => {
  const { profiles } = memoryStores()
  await profiles.write('ada', { bio: 'Countess', preferences: { theme: 'dark' } })
  await profiles.write('bob', { avatar: 'https://pictures.example/bob' })
  const read = getProfile({ profiles })
  assert.deepEqual(await read({}, bearer('ada')), {
    user_id: 'ada',
    profile: { bio: 'Countess', avatar: null, preferences: { theme: 'dark' } },
  })
  assert.deepEqual(await read({}, bearer('bob')), {
    user_id: 'bob',
    profile: { bio: '', avatar: 'https://pictures.example/bob', preferences: {} },
  })
})

test('no profile yet, and none any more, are both not found', async () => {
  const { profiles, erasures } = memoryStores()
  await profiles.write('gone', { bio: 'private' })
  await erasures.erase('gone', 1)
  const read = getProfile({ profiles })
  for (const user of ['new', 'gone']) await assert.rejects(read({}, bearer(user)), { code: 'profile-not-found' })
})
