import { familyHead, labelText, sampleLine } from './exposition.ts'

/** A histogram of durations whose observation is a few additions: it is made on every request. */
export type Durations = {
  /** The series of these label values, in the order of `labelNames`. Ask once and keep it. */
  readonly series: (...labelValues: readonly string[]) => Series
  readonly text: () => string
}

/** Counts of one set of labels. */
export type Series = { readonly observe: (milliseconds: number) => void }

type Options = {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  /** Stands before the labels of each series. */
  readonly commonLabels: string
}

/** Opens an empty histogram. In seconds when it is read, as Prometheus wants it. */
export const durations = ({ name, help, labelNames, commonLabels }: Options): Durations => {
  const all: { readonly labels: string; readonly counts: Float64Array }[] = []
  return {
    series: (...values) => {
      const labels = [commonLabels, ...labelNames.map((label, at) => labelText(label, values[at] ?? ''))].join(',')
      const counts = new Float64Array(boundsMs.length + 2)
      all.push({ labels, counts })
      return { observe: (milliseconds) => observe(counts, milliseconds) }
    },
    text: () =>
      familyHead(name, 'histogram', help) + all.map(({ labels, counts }) => seriesText(name, labels, counts)).join(''),
  }
}

/** Upper bounds of the buckets; the last bucket has none. */
const boundsMs: readonly number[] = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000]

/** A place for each bucket, one for what is over all bounds, and the sum. */
const observe = (counts: Float64Array, milliseconds: number): void => {
  let at = 0
  // Most are in the first few: walked, not searched.
  while (at < boundsMs.length && milliseconds > (boundsMs[at] ?? 0)) at += 1
  counts[at] = (counts[at] ?? 0) + 1
  counts[sumAt] = (counts[sumAt] ?? 0) + milliseconds
}

const sumAt = boundsMs.length + 1

const seriesText = (name: string, labels: string, counts: Float64Array): string => {
  let below = 0
  const buckets = [...boundsMs, Infinity].map((bound, at) => {
    below += counts[at] ?? 0
    const le = labelText('le', bound === Infinity ? '+Inf' : String(bound / 1000))
    return sampleLine(`${name}_bucket`, `${labels},${le}`, below)
  })
  return [
    ...buckets,
    sampleLine(`${name}_sum`, labels, (counts[sumAt] ?? 0) / 1000),
    sampleLine(`${name}_count`, labels, below),
  ].join('')
}
