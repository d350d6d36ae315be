import { limits } from './limits.ts'

/**
 * What was taken in the last window, in parts. The part that has begun counts in whole, and as many before it as a
 * window has: whatever window of time one looks at, all of it was in the sum when the last of it was allowed. A window
 * that starts anew at fixed times would let twice as many pass around its end, and so would a token bucket.
 */
export type SlidingWindow = {
  readonly partMs: number
  /** Of each part, at its number modulo the length. Data and no closures: there is one for each caller. */
  readonly counts: number[]
  /** The number of the part that was looked at last. */
  newest: number
  /** The sum of `counts`. */
  used: number
}

/** How many are waited for, and how many more would be welcome. */
export type Wish = { readonly sure: number; readonly more: number }

/** A window of which nothing is taken. */
export const slidingWindow = (windowMs: number): SlidingWindow => ({
  partMs: windowMs / parts,
  counts: Array.from({ length: places }, () => 0),
  newest: 0,
  used: 0,
})

/** Takes as many as there are of those that somebody waits for, and of what then is left a part of what is wished. */
export const grant = (window: SlidingWindow, nowMs: number, points: number, { sure, more }: Wish): number => {
  moveTo(window, nowMs)
  const free = Math.max(0, points - window.used)
  const granted = Math.min(free, sure + Math.min(more, Math.floor(Math.max(0, free - sure) / limits.leaseDivisor)))
  change(window, window.newest, granted)
  return granted
}

/** Takes one, unless so many are taken already. */
export const takeOne = (window: SlidingWindow, nowMs: number, points: number): boolean => {
  moveTo(window, nowMs)
  if (window.used >= points) return false
  change(window, window.newest, 1)
  return true
}

/** Until the oldest of what was taken is forgotten. */
export const resetMsOf = ({ partMs, counts, newest }: SlidingWindow, nowMs: number): number => {
  for (let part = Math.max(0, newest - parts); part <= newest; part += 1) {
    if ((counts[part % places] ?? 0) > 0) return (part + places) * partMs - nowMs
  }
  return 0
}

/** Whether nothing of it counts any more. */
export const isForgotten = ({ partMs, newest }: SlidingWindow, nowMs: number): boolean =>
  Math.floor(nowMs / partMs) >= newest + places

/** Forgets the parts that are older than a window. */
export const moveTo = (window: SlidingWindow, nowMs: number): void => {
  const part = Math.floor(nowMs / window.partMs)
  const passed = Math.min(part - window.newest, places)
  for (let n = 1; n <= passed; n += 1)
    change(window, window.newest + n, -(window.counts[(window.newest + n) % places] ?? 0))
  if (part > window.newest) window.newest = part
}

/** Counts more, or less, in a part. */
export const change = (window: SlidingWindow, part: number, by: number): void => {
  const at = part % places
  window.counts[at] = (window.counts[at] ?? 0) + by
  window.used += by
}

const parts = limits.windowParts
const places = parts + 1
