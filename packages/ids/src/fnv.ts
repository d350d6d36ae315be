/**
 * FNV-1a of the characters from `from` up to `to`, as 32 bits with a sign: cheap for the short strings that keys are.
 * It spreads its low bits best when some high ones are folded into them, each caller in its own way. Who must not be
 * able to choose keys that collide gives a seed that nobody knows.
 */
export const fnv1a = (text: string, from: number, to: number, seed: number): number => {
  let hash = seed ^ 0x811c9dc5
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}
