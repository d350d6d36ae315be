import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { recentMap } from './recent-map.ts'

test('it never gives a value of another key, and always that of the keys used last', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 20 }),
      fc.array(fc.record({ key: fc.nat(40), isWrite: fc.boolean() })),
      (entriesMax, uses) => {
        const map = recentMap<number>(entriesMax)
        const truth = new Map<string, number>()
        let used: string[] = []
        for (const [turn, { key, isWrite }] of uses.entries()) {
          const name = `key-${key}`
          if (isWrite) {
            map.set(name, turn)
            truth.set(name, turn)
          } else {
            const value = map.get(name)
            if (value !== undefined) equal(value, truth.get(name))
            else if (truth.has(name))
              ok(!used.slice(0, Math.floor(entriesMax / 2)).includes(name), `${name} was used lately`)
            if (value === undefined) continue
          }
          used = [name, ...used.filter((other) => other !== name)]
        }
        equal([...truth.keys()].filter((name) => map.get(name) !== undefined).length <= entriesMax, true)
      },
    ),
    { numRuns: 500 },
  )
})
