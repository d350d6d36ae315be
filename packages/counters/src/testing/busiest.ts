/** The most of these times, in order, that lie in any window of this length, both ends included. */
export const busiest = (timesMs: readonly number[], windowMs: number): number => {
  let most = 0
  let from = 0
  for (const [at, timeMs] of timesMs.entries()) {
    while (timeMs - (timesMs[from] ?? 0) > windowMs) from += 1
    most = Math.max(most, at - from + 1)
  }
  return most
}
