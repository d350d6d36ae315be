import { hostileRequests } from '../system/hostile-requests/table.ts'
import { mutationsOf } from './mutations.ts'
import { randomNumbers } from './random-numbers.ts'

/** Makes up hostile requests: the same ones from the same seed. */
export type HostileMutations = () => string

/**
 * Starts from rows of the table and breaks them further, as somebody does who knows the grammar; now and then from
 * nothing but bytes.
 */
export const hostileMutations = (seed: number): HostileMutations => {
  const random = randomNumbers(seed)
  const below = (bound: number): number => Math.floor(random() * bound)
  const oneOf = (from: readonly string[]): string => from[below(from.length)] ?? ''

  const mutations = mutationsOf(random, rows)

  return () => {
    if (random() < 0.02) return Array.from({ length: 1 + below(200) }, () => String.fromCharCode(below(256))).join('')
    let bytes = random() < 0.3 ? oneOf(sound) : oneOf(rows)
    for (let left = below(4); left > 0; left -= 1) bytes = mutations[below(mutations.length)]?.(bytes) ?? bytes
    return bytes
  }
}

const rows = Object.values(hostileRequests).flatMap((all) => all.map(({ bytes }) => [bytes].flat().join('')))

/** Those that get through: what is broken in one of them alone decides. */
const sound = Object.values(hostileRequests).flatMap((all) =>
  all.filter(({ forwarded }) => forwarded !== undefined).map(({ bytes }) => [bytes].flat().join('')),
)
