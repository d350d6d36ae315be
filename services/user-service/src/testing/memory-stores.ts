import type { Erasures, Profile, Profiles } from '../ports.ts'

/**
 * The stores' twins in memory, for the tests of use cases; they pass the same suite. Copies go in and out, as with a
 * database.
 */
export const memoryStores = (): { readonly profiles: Profiles; readonly erasures: Erasures } => {
  const rows = new Map<string, Profile | 'erased'>()
  let place = 0
  const advance = async (resume: number): Promise<void> => {
    place = Math.max(place, resume)
  }
  return {
    profiles: {
      find: async (userId) => {
        const row = rows.get(userId)
        return row === 'erased' ? undefined : structuredClone(row)
      },
      write: async (userId, changes) => {
        const row = rows.get(userId) ?? { bio: '', avatar: null, preferences: {} }
        if (row === 'erased') return 'erased'
        rows.set(userId, { ...row, ...structuredClone(changes) })
        return 'written'
      },
    },
    erasures: {
      cursor: async () => place,
      erase: async (userId, resume) => {
        rows.set(userId, 'erased')
        await advance(resume)
      },
      advance,
    },
  }
}
