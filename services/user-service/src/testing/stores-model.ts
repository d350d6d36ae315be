import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { Profile } from '../ports.ts'
import type { Stores } from './sql-stores.ts'

/** Plays random histories of a few users on two replicas and compares every answer with the simplest model there is. */
export const storesModel = (replicas: readonly [Stores, Stores], numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      // Histories share the store, so each has users of its own.
      const users = [randomUUID(), randomUUID()]
      const model = new Map<string, Profile | 'erased'>()
      for (const { who, replica, ...what } of steps) {
        const user = users[who] ?? ''
        const { profiles, erasures } = replicas[replica]
        const known = model.get(user)
        if (what.kind === 'erase') {
          await erasures.erase(user, 1)
          model.set(user, 'erased')
        } else {
          assert.equal(await profiles.write(user, what.changes), known === 'erased' ? 'erased' : 'written')
          if (known !== 'erased') model.set(user, { ...(known ?? nothing), ...what.changes })
        }
        const expected = model.get(user)
        assert.deepEqual(await replicas[1 - replica]?.profiles.find(user), expected === 'erased' ? undefined : expected)
      }
    }),
    { numRuns },
  )

const nothing: Profile = { bio: '', avatar: null, preferences: {} }

const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const value = fc.oneof(text, fc.integer(), fc.boolean())
const changes: fc.Arbitrary<Partial<Profile>> = fc.record(
  { bio: text, avatar: fc.option(text), preferences: fc.dictionary(text, value, { noNullPrototype: true }) },
  { requiredKeys: [] },
)
const place = { who: fc.nat({ max: 1 }), replica: fc.constantFrom(0 as const, 1 as const) }
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ ...place, kind: fc.constant('write' as const), changes }) },
  { weight: 1, arbitrary: fc.record({ ...place, kind: fc.constant('erase' as const) }) },
)
