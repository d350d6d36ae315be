import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import { bearer } from './testing/callers.ts'
import { memoryStores } from './testing/memory-stores.ts'
import { updateProfile } from './update-profile.ts'

const written = { message: 'Profile updated successfully' }

test('the first write makes the profile, an empty one too', async () => {
  const { profiles } = memoryStores()
  assert.deepEqual(await updateProfile({ profiles })({}, bearer('ada')), written)
  assert.deepEqual(await profiles.find('ada'), { bio: '', avatar: null, preferences: {} })
})

test('only the members that are sent change, and only those of the caller', async () => {
  const { profiles } = memoryStores()
  const update = updateProfile({ profiles })
  await update({ bio: 'Countess', avatar: 'a' }, bearer('ada'))
  await update({ bio: 'Builder' }, bearer('bob'))
  assert.deepEqual(await update({ avatar: null, preferences: { theme: 'dark' } }, bearer('ada')), written)
  assert.deepEqual(await profiles.find('ada'), { bio: 'Countess', avatar: null, preferences: { theme: 'dark' } })
  assert.deepEqual(await profiles.find('bob'), { bio: 'Builder', avatar: null, preferences: {} })
})

test('a refused body writes nothing, not even its good members, and names each bad one', async () => {
  const { profiles } = memoryStores()
  const update = updateProfile({ profiles })
  const refusal = await update({ bio: 'good', avatar: 'a\0b', preferences: { half: '\ud83d' } }, bearer('ada')).catch(
    (error: unknown) => error,
  )
  assert.ok(refusal instanceof Refusal)
  assert.equal(refusal.code, 'invalid-request')
  assert.deepEqual(refusal.particulars.errors, [
    { path: '/avatar', message: 'must not contain NUL characters' },
    { path: '/preferences', message: 'must be well-formed Unicode text' },
  ])
  assert.equal(await profiles.find('ada'), undefined)
})

test('a token that outlives its account by a moment writes nothing', async () => {
  const { profiles, erasures } = memoryStores()
  await erasures.erase('gone', 1)
  for (const changes of [{}, { bio: 'again' }]) {
    await assert.rejects(updateProfile({ profiles })(changes, bearer('gone')), { code: 'token-revoked' })
  }
  assert.equal(await profiles.find('gone'), undefined)
})
