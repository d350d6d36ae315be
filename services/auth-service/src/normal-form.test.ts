import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { identity, normalForm } from './normal-form.ts'

for (const [one, other] of [
  ['Ada', 'ADA'],
  [' ada\t', 'ada'],
  ['Straße', 'STRASSE'],
  ['caf\u00e9', 'cafe\u0301'],
  ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
] as const) {
  test(`${JSON.stringify(one)} and ${JSON.stringify(other)} are the same name`, () => {
    assert.equal(normalForm(one), normalForm(other))
  })
}

test('the normal form of a normal form is itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
      assert.equal(normalForm(normalForm(typed)), normalForm(typed))
    }),
  )
})

test('what is shown is what was typed, without the space around it', () => {
  assert.deepEqual(identity('  Ada Lovelace '), { shown: 'Ada Lovelace', key: 'ada lovelace' })
})
