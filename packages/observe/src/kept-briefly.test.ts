import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keptBriefly } from './kept-briefly.ts'

const ids = Array.from({ length: 20_000 }, (_, nth) => `request-${nth * 7_919}`)

test('each of a thousand at a time is taken out by its id, once, in whatever order', () => {
  const kept = keptBriefly<string>()
  for (let round = 0; round < 20; round += 1) {
    const some = ids.slice(round * 1_000, (round + 1) * 1_000)
    for (const id of some) kept.put(id, `of ${id}`)
    const order = round % 2 === 0 ? some : some.toReversed()
    for (const id of order) assert.equal(kept.take(id), `of ${id}`)
    for (const id of order) assert.equal(kept.take(id), undefined, id)
  }
})

test('what is never taken out goes, the oldest first', () => {
  const kept = keptBriefly<string>()
  for (const id of ids) kept.put(id, id)
  for (const id of ids.slice(0, 5_000)) assert.equal(kept.take(id), undefined)
  for (const id of ids.slice(-500)) assert.equal(kept.take(id), id)
  const left = ids.filter((id) => kept.take(id) !== undefined)
  assert.ok(left.length <= 8_192 - 500, `${left.length} are left`)
})

test('an id may be short, or nothing', () => {
  const kept = keptBriefly<string>()
  for (const id of ['', 'a', 'b']) kept.put(id, `of ${id}`)
  assert.deepEqual(['b', '', 'a', 'c'].map(kept.take), ['of b', 'of ', 'of a', undefined])
})
