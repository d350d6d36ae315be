import assert from 'node:assert/strict'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { factsOf } from './tidy/facts.ts'
import { violations, type Facts } from './tidy/rule.ts'
import { rules } from './tidy/rules.ts'
import { readTree, treeOf } from './tidy/tree.ts'

const root = join(import.meta.dirname, '..')
const nothing: Facts = { operations: [], refusalCodes: [], settings: [], pages: {} }

suite('the house is tidy', () => {
  const tree = readTree(root)
  const facts = factsOf(root)
  for (const rule of rules) {
    test(rule.name, () => {
      const found = violations(rule, tree, facts)
      assert.ok(found.length === 0, `\n${found.join('\n')}`)
    })
  }
})

suite('a rule bites', () => {
  for (const { name, find, broken } of rules) {
    test(name, () => {
      const found = [...find(treeOf(broken.files), { ...nothing, ...broken.facts })]
      assert.deepEqual(found.map(({ path, line }) => `${path}:${line}`).toSorted(), broken.places)
    })
  }

  test('an excuse that nobody needs is one violation more', () => {
    const rule = rules.find(({ except }) => except !== undefined)
    assert.ok(rule)
    assert.deepEqual(violations({ ...rule, except: { 'a.ts': 'none' } }, treeOf({}), nothing).length, 1)
  })
})
