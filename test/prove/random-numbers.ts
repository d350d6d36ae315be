/** Numbers from 0 to 1 that seem to come at random: the same ones from the same seed. */
export type RandomNumbers = () => number

/** A small generator of good ones. */
export const randomNumbers = (seed: number): RandomNumbers => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
