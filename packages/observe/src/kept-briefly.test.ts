import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keptBriefly } from './kept-briefly.ts'
import { limits } from './limits.ts'

const random = (): number => 0.5

const ids = Array.from({ length: 20_000 }, (_, nth) => `request-${nth * 7_919}`)

test('each of six hundred at a time is taken out by its id, once, in whatever order', () => {
  const kept = keptBriefly<string>(random)
  for (let round = 0; round < 20; round += 1) {
    const some = ids.slice(round * 600, (round + 1) * 600)
    for (const id of some) kept.put(id, `of ${id}`)
    const order = round % 2 === 0 ? some : some.toReversed()
    for (const id of order) assert.equal(kept.take(id), `of ${id}`)
    for (const id of order) assert.equal(kept.take(id), undefined, id)
  }
})

test('what is never taken out goes, the oldest first', () => {
  const kept = keptBriefly<string>(random)
  for (const id of ids) kept.put(id, id)
  for (const id of ids.slice(0, 5_000)) assert.equal(kept.take(id), undefined)
  for (const id of ids.slice(-500)) assert.equal(kept.take(id), id)
  const left = ids.filter((id) => kept.take(id) !== undefined)
  assert.ok(left.length <= limits.keptPlaces + limits.keptNeighbours - 500, `${left.length} are left`)
})

test('an id may be short, or nothing', () => {
  const kept = keptBriefly<string>(random)
  for (const id of ['', 'a', 'b']) kept.put(id, `of ${id}`)
  assert.deepEqual(['b', '', 'a', 'c'].map(kept.take), ['of b', 'of ', 'of a', undefined])
})

test('by an id that comes twice there is the last one, and nothing behind it', () => {
  const kept = keptBriefly<string>(random)
  kept.put('r', 'old')
  kept.put('r', 'new')
  assert.deepEqual([kept.take('r'), kept.take('r')], ['new', undefined])
})

test('so it is where a place before it has become free meanwhile', () => {
  const kept = keptBriefly<string>(random)
  // More than there are places: some have the very place that the other one would have had.
  for (const before of ids) {
    kept.put(before, 'before')
    kept.put('r', 'old')
    kept.take(before)
    kept.put('r', 'new')
    assert.deepEqual([kept.take('r'), kept.take('r')], ['new', undefined], before)
  }
})

test('of ids that begin or end alike none is lost', () => {
  for (const alike of [
    (id: string) => `${id}-frontend`,
    (id: string) => `frontend-of-the-shop-${id}`,
    (id: string) => `${id}${'x'.repeat(128 - id.length)}`,
  ]) {
    const kept = keptBriefly<string>(random)
    const some = ids.slice(-48).map(alike)
    for (const id of some) kept.put(id, id)
    for (const id of some) assert.equal(kept.take(id), id)
  }
})

test('which ids push each other out is not the same in two processes', () => {
  const lostBy = (random: () => number): readonly string[] => {
    const kept = keptBriefly<string>(random)
    for (const id of ids) kept.put(id, id)
    return ids.filter((id) => kept.take(id) === undefined)
  }
  const [here, there] = [lostBy(() => 0.25), lostBy(() => 0.7)]
  assert.notDeepEqual(here, there)
  assert.deepEqual(
    lostBy(() => 0.7),
    there,
  )
})
