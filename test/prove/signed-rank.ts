/** What the Wilcoxon signed-rank test says of paired differences. */
export type SignedRank = {
  /** How likely so uneven a picture is when there is no difference; two-sided, by the normal approximation. */
  readonly p: number
  /** The rank-biserial correlation: 0 when both are ahead as often and as far, 1 or -1 when one always is. */
  readonly effect: number
}

/**
 * The Wilcoxon signed-rank test. It looks at ranks alone, so a few answers that were held up do not count for more than
 * any others. For twenty differences or more.
 */
export const signedRank = (differences: readonly number[]): SignedRank => {
  const sorted = differences.filter((each) => each !== 0).toSorted((a, b) => Math.abs(a) - Math.abs(b))
  const n = sorted.length
  if (n === 0) return { p: 1, effect: 0 }
  let [positive, ties] = [0, 0]
  for (let at = 0; at < n;) {
    const group = sorted.slice(at).findIndex((each) => Math.abs(each) !== Math.abs(sorted[at] ?? 0))
    const size = group === -1 ? n - at : group
    // Those that are equal share the mean of their ranks, which are at + 1 to at + size.
    const rank = at + (size + 1) / 2
    positive += rank * sorted.slice(at, at + size).filter((each) => each > 0).length
    ties += size ** 3 - size
    at += size
  }
  const total = (n * (n + 1)) / 2
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - ties / 48)
  const z = Math.max(0, Math.abs(positive - total / 2) - 0.5) / deviation
  return { p: twoSided(z), effect: (2 * positive) / total - 1 }
}

/** The share of a normal distribution further out than z (Abramowitz and Stegun 7.1.26, good to 1.5e-7). */
const twoSided = (z: number): number => {
  const x = z / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const series = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429]
  const sum = series.reduceRight((rest, term) => (rest + term) * t, 0)
  return sum * Math.exp(-x * x)
}
