import { fnv1a } from '@gatehouse/ids/fnv.ts'

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
 */
export const keptBriefly = <Thing>(): KeptBriefly<Thing> => {
  // The last place has its neighbours too.
  const kept: (Kept<Thing> | undefined)[] = Array.from({ length: places + neighbours })
  let puts = 0

  return {
    put: (id, thing) => {
      puts += 1
      const first = placeOf(id)
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
      const first = placeOf(id)
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

/** Some hundred at a time are usual; of a few thousand some would be lost. */
const places = 8_192
/** Where one may lie. */
const neighbours = 16

/** By the end, which is random in ids of ours. Who chooses ids that collide loses his own. */
const placeOf = (id: string): number => {
  const hash = fnv1a(id, Math.max(0, id.length - 8), id.length, 0)
  return (hash ^ (hash >>> 16)) & (places - 1)
}
