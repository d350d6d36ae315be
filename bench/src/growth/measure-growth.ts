import { atRate } from '../at-rate.ts'
import { percentile } from '../percentile.ts'
import type { GrownHouse } from './grown-house.ts'
import type { GrowthOperation } from './operations.ts'

/** How long one operation takes with few people and with many, in milliseconds. */
export type Growth = {
  readonly operation: string
  readonly few: Spread
  readonly many: Spread
  /** Many by few. */
  readonly p50Ratio: number
  readonly p99Ratio: number
}

type Spread = { readonly requests: number; readonly p50Ms: number; readonly p99Ms: number }

type Plan = {
  readonly few: GrownHouse
  readonly many: GrownHouse
  readonly operations: readonly GrowthOperation[]
  readonly rounds: number
  readonly secondsPerTurn: number
  readonly warmUpSeconds: number
}

/**
 * Measures both houses in turns, at a steady rate, each answer timed from when its request was due: what else the
 * machine does meets both alike.
 */
export const measureGrowth = async (plan: Plan): Promise<readonly Growth[]> => {
  const { few, many, operations, rounds, secondsPerTurn, warmUpSeconds } = plan
  const grown: Growth[] = []
  for (const operation of operations) {
    const took = new Map<GrownHouse, number[]>([
      [few, []],
      [many, []],
    ])
    for (const house of [few, many]) await timesOf(operation, house, warmUpSeconds)
    for (let round = 0; round < rounds; round += 1) {
      // A B, then B A: neither is always the first.
      const turns = round % 2 === 0 ? [few, many] : [many, few]
      for (const house of turns) took.get(house)?.push(...(await timesOf(operation, house, secondsPerTurn)))
    }
    const [ofFew, ofMany] = [spreadOf(took.get(few) ?? []), spreadOf(took.get(many) ?? [])]
    grown.push({
      operation: operation.name,
      few: ofFew,
      many: ofMany,
      p50Ratio: ofMany.p50Ms / ofFew.p50Ms,
      p99Ratio: ofMany.p99Ms / ofFew.p99Ms,
    })
  }
  return grown
}

const timesOf = async ({ perSecond, prepare }: GrowthOperation, house: GrownHouse, seconds: number) => {
  const prepared: (() => Promise<void>)[] = []
  for (let count = 0; count < perSecond * seconds; count += 1) prepared.push(await prepare(house))
  const timed = await atRate(perSecond, seconds, async () => prepared.pop()?.())
  return timed.map(({ tookMs }) => tookMs)
}

const spreadOf = (tookMs: readonly number[]): Spread => ({
  requests: tookMs.length,
  p50Ms: percentile(tookMs, 0.5),
  p99Ms: percentile(tookMs, 0.99),
})
