import { fnv1a } from '@gatehouse/ids/fnv.ts'

/** Things that are put in and, nearly always, taken out again soon, by an id. */
export type KeptBriefly<Thing> = {
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
  const kept: (Kept<Thing> | undefined)[] = Array.from({ length: places })
  let puts = 0

  return {
    put: (id, thing) => {
      puts += 1
      const first = placeOf(id)
      let oldest = first
      for (let at = first; at < first + neighbours; at += 1) {
        const other = kept[at % places]
        if (other === undefined) {
          oldest = at
          break
        }
        if (other.nth < (kept[oldest % places]?.nth ?? 0)) oldest = at
      }
      kept[oldest % places] = { id, thing, nth: puts }
    },
    take: (id) => {
      const first = placeOf(id)
      for (let at = first; at < first + neighbours; at += 1) {
        const found = kept[at % places]
        if (found?.id !== id) continue
        kept[at % places] = undefined
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
