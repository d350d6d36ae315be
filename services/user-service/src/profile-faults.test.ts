import assert from 'node:assert/strict'
import { test } from 'node:test'
import { profileLimits } from '@gatehouse/contract/users.ts'
import { profileFaults } from './profile-faults.ts'

const nul = 'must not contain NUL characters'
const illFormed = 'must be well-formed Unicode text'
const tooDeep = 'must not be nested deeper than 100 levels'
const tooLarge = 'must have at most 16384 bytes as JSON'

/** `{"p": …}` that is `bytes` long as JSON. */
const ofBytes = (bytes: number, character = 'x') => ({
  p: character.repeat((bytes - 8) / Buffer.byteLength(character)),
})
const ofDepth = (levels: number): Record<string, unknown> => (levels === 1 ? {} : { a: ofDepth(levels - 1) })

test('what cannot come back as it was sent is refused by name', () => {
  const rows = [
    [{ bio: 'a\0' }, '/bio', nul],
    [{ bio: '\ud83d' }, '/bio', illFormed],
    [{ avatar: '\ude00\ud83d' }, '/avatar', illFormed],
    [{ avatar: '\0' }, '/avatar', nul],
    [{ preferences: { a: '\0' } }, '/preferences', nul],
    [{ preferences: { '\0': 1 } }, '/preferences', nul],
    [{ preferences: { a: [{ b: ['\ud83d'] }] } }, '/preferences', illFormed],
    [{ preferences: { '\ud83d': 1 } }, '/preferences', illFormed],
    [
      { preferences: JSON.parse('{"a":[1e999]}') as Record<string, unknown> },
      '/preferences',
      'must not contain numbers that are too large',
    ],
    [{ preferences: ofDepth(101) }, '/preferences', tooDeep],
    [{ preferences: { a: JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as unknown } }, '/preferences', tooDeep],
    [{ preferences: ofBytes(profileLimits.preferencesBytesMax + 1) }, '/preferences', tooLarge],
    // Bytes, not characters.
    [{ preferences: ofBytes(profileLimits.preferencesBytesMax + 4, '😀') }, '/preferences', tooLarge],
  ] as const
  for (const [index, [changes, path, message]] of rows.entries()) {
    assert.deepEqual(profileFaults(changes), [{ path, message }], `row ${index}`)
  }
})

test('everything else is taken', () => {
  const rows = [
    {},
    { bio: '', avatar: null, preferences: {} },
    { bio: '😀 \u0001\n\ufffd\u{10ffff}', avatar: 'not even an address' },
    // Text about an escape is not the escape.
    { preferences: { a: '\\u0000 \\ud83d', b: null, c: [1.5, -0, true, ''] } },
    { preferences: ofDepth(100) },
    { preferences: ofBytes(profileLimits.preferencesBytesMax) },
    { preferences: ofBytes(profileLimits.preferencesBytesMax, '😀') },
  ]
  for (const [index, changes] of rows.entries()) assert.deepEqual(profileFaults(changes), [], `row ${index}`)
})
