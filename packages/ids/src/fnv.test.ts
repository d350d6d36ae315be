import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fnv1a } from './fnv.ts'

test('it is FNV-1a, by the values that its authors publish', () => {
  for (const [text, hash] of [
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['b', 0xe70c2de5],
    ['foobar', 0xbf9cf968],
  ] as const) {
    assert.equal(fnv1a(text, 0, text.length, 0) >>> 0, hash, text)
  }
})

test('a part hashes as it would alone', () => {
  assert.equal(fnv1a('a foobar z', 2, 8, 0), fnv1a('foobar', 0, 6, 0))
  assert.equal(fnv1a('a foobar z', 2, 8, 7), fnv1a('foobar', 0, 6, 7))
})

test('keys that were chosen to collide are apart with another seed', () => {
  const placeOf = (key: string, seed: number): number => fnv1a(key, 0, key.length, seed) >>> 24
  const keys = Array.from({ length: 10_000 }, (_, nth) => `${nth * 7_919}-frontend`)
  const chosen = keys.filter((key) => placeOf(key, 1) === 5)
  assert.ok(chosen.length > 20, `${chosen.length}`)
  const places = new Set(chosen.map((key) => placeOf(key, 0x5eed_5eed)))
  assert.ok(places.size > chosen.length / 2, `${chosen.length} of one place have ${places.size}`)
})
