import { fnv1a } from '@gatehouse/ids/fnv.ts'
import { limits } from './limits.ts'

/** A place that a key shares with others. */
export type SharedPlaces<P> = (key: string) => P

/**
 * Places for keys that come when there is none of their own. A key is never counted less than it called, only more:
 * what the limit promises holds, and under such a flood newcomers may be refused for what others did. Which of them
 * share is drawn by lot, so that nobody can choose whose company he keeps.
 */
export const sharedPlaces = <P>(make: () => P, random: () => number): SharedPlaces<P> => {
  const seed = Math.floor(random() * 2 ** 32)
  const places: (P | undefined)[] = []
  return (key) => {
    const at = hashOf(key, seed) % limits.sharedPlaces
    return (places[at] ??= make())
  }
}

const hashOf = (key: string, seed: number): number => {
  const hash = fnv1a(key, 0, key.length, seed)
  return (hash ^ (hash >>> 15)) >>> 0
}
