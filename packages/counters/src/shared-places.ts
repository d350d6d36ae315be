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

/** FNV-1a: evenly spread, and cheap for the short strings that keys are. */
const hashOf = (key: string, seed: number): number => {
  let hash = (seed ^ 0x811c9dc5) >>> 0
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
