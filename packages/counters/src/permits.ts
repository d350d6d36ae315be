import type { Quota } from './counter.ts'
import type { Wish } from './sliding-window.ts'

/** The one place where the permits of all gateways are counted. */
export type Permits = {
  /** Whether it can be asked now. */
  readonly isUp: () => boolean
  /** Whether it can be asked now, and counted when it was asked last. */
  readonly isWell: () => boolean
  /** Takes permits; fails when it does not answer in time. What it took then is lost, never counted twice. */
  readonly take: (key: string, quota: Omit<Quota, 'name'>, demand: Demand) => Promise<Grant>
  readonly close: () => Promise<void>
}

/** What is asked for, and what is given back of an earlier part of the window because nobody used it. */
export type Demand = Wish & { readonly unused: number; readonly unusedPart: number }

/** What was granted: good until the part of the window in which it was counted ends. */
export type Grant = {
  readonly granted: number
  readonly left: number
  readonly part: number
  readonly partLeftMs: number
  /** Until the oldest of what was taken is forgotten. */
  readonly resetMs: number
}
