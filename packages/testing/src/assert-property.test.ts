import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { assertProperty } from './assert-property.ts'

let folder: string
let tried: number[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-failures-'))
  tried = []
})
afterEach(() => rm(folder, { recursive: true }))

const file = (): string => join(folder, 'sums.json')
const below = (bound: number) => {
  const property = fc.asyncProperty(fc.nat(1_000_000), async (number) => {
    tried.push(number)
    assert.ok(number < bound, `${number} is too much`)
  })
  return assertProperty('sums', property, { numRuns: 100, folder })
}

test('a property that holds leaves nothing', async () => {
  await below(1_000_001)
  assert.equal(tried.length, 100)
  assert.equal(existsSync(file()), false)
})

test('a failure prints its seed, is kept, and is the first thing that the next run tries', async () => {
  await assert.rejects(below(1000), /seed: -?\d+.*Counterexample: \[1000\].*Kept in /s)
  const failure = tried.findLast((number) => number >= 1000)
  assert.ok(existsSync(file()))
  tried = []
  await assert.rejects(below(1000), /Counterexample: \[1000\]/)
  assert.equal(tried[0], failure)
  assert.ok(tried.length < 100)
})

test('once it holds again, the kept failure goes and the run goes on', async () => {
  await assert.rejects(below(1000))
  await below(1_000_001)
  assert.equal(existsSync(file()), false)
  assert.ok(tried.length > 100)
})

test('a kept file that is damaged, or of another property, stops nobody', async () => {
  for (const content of ['', '{', '[]', '{"seed":"x"}', '{"seed":1,"path":"99:1:1:1:1:1:1"}']) {
    await writeFile(file(), content)
    await below(1_000_001)
  }
  await assert.rejects(below(10))
  assert.match(await readFile(file(), 'utf8'), /^{"seed":-?\d+,"path":"[\d:]+"}\n$/)
})
