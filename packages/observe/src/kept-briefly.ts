import { fnv1a } from '@gatehouse/ids/fnv.ts'
import { limits } from './limits.ts'

/** Things that are put in and, nearly always, taken out again soon, by an id. */
export type KeptBriefly<Thing> = {
  /** Instead of what was put in by the same id before, if that is still there. */
  readonly put: (id: string, thing: Thing) => void
  /** Takes it out, if it is still there. */
  readonly take: (id: string) => Thing | undefined
}

/**
 * Makes an empty one, of a fixed number of places. No Map: one that every request enters and leaves renews its table
 * again and again, and the old ones keep alive for the collector what was in them
 * (docs/decisions/0012-cost-of-a-read.md). What is never taken out goes when its place is needed, the oldest first.
 * Clients may choose ids: which of them share places is drawn by lot, so that nobody can choose some that push each
 * other out, or somebody else's.
 */
export const keptBriefly = <Thing>(random: () => number): KeptBriefly<Thing> => {
  const seed = Math.floor(random() * 2 ** 32)
  // The last place has its neighbours too.
  const kept: (Kept<Thing> | undefined)[] = Array.from({ length: places + neighbours })
  let puts = 0

  return {
    put: (id, thing) => {
      puts += 1
      const first = placeOf(id, seed)
      let place = first
      let oldest = puts
      // All of them, also behind a free one: the same id may lie there.
      for (let at = first; at < first + neighbours; at += 1) {
        const other = kept[at]
        if (other === undefined) {
          // The first free one.
          if (oldest > 0) place = at
          oldest = 0
        } else if (other.id === id) {
          place = at
          break
        } else if (other.nth < oldest) {
          place = at
          oldest = other.nth
        }
      }
      kept[place] = { id, thing, nth: puts }
    },
    take: (id) => {
      const first = placeOf(id, seed)
      for (let at = first; at < first + neighbours; at += 1) {
        const found = kept[at]
        if (found?.id !== id) continue
        kept[at] = undefined
        return found.thing
      }
      return undefined
    },
  }
}

type Kept<Thing> = { readonly id: string; readonly thing: Thing; readonly nth: number }

const { keptPlaces: places, keptNeighbours: neighbours } = limits

/** By the whole id: a client may end, or begin, all of its own alike. They have 128 characters at most. */
const placeOf = (id: string, seed: number): number => {
  const hash = fnv1a(id, 0, id.length, seed)
  return (hash ^ (hash >>> 16)) & (places - 1)
}
