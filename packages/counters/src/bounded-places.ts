import { limits } from './limits.ts'

/** Places by key, at most so many. */
export type BoundedPlaces<P> = {
  readonly get: (key: string) => P | undefined
  /** Keeps a place for a key that has none; false when all are taken. Nobody's place is taken away before it is over. */
  readonly add: (key: string, place: P, nowMs: number) => boolean
}

/**
 * Keeps at most `keysMax` places. What gives way is only what is over: to push out the oldest, or anyone, would let an
 * attacker begin his count anew by calling under many names. Each newcomer sweeps a little, so no timer is needed and
 * no request pays for all.
 */
export const boundedPlaces = <P>(
  keysMax: number,
  /** Whether forgetting a place would change nothing. */
  isOver: (place: P, nowMs: number) => boolean,
): BoundedPlaces<P> => {
  const places = new Map<string, P>()
  // An iterator of a Map lives on while the Map changes: it is the place where the sweeping was interrupted.
  let sweeping = places.entries()

  const sweep = (nowMs: number): void => {
    for (let n = 0; n < limits.sweptAtOnce; n += 1) {
      const next = sweeping.next()
      if (next.done === true) {
        sweeping = places.entries()
        return
      }
      const [key, place] = next.value
      if (isOver(place, nowMs)) places.delete(key)
    }
  }

  return {
    get: (key) => places.get(key),
    add: (key, place, nowMs) => {
      sweep(nowMs)
      if (places.size >= keysMax) return false
      places.set(key, place)
      return true
    },
  }
}
