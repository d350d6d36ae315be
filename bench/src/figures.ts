import type { Round } from './turns.ts'

/** What the rounds of a contender come to. */
export type Figures = {
  readonly requests: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  /** Processor time a request, of all processes together. */
  readonly microseconds: number
  readonly requestsPerCpuSecond: number
  /** The same processor time by process, the dearest first. */
  readonly split: readonly (readonly [name: string, microseconds: number])[]
  readonly peakMegabytes: number
}

/**
 * Medians of the rounds; the processor time of all of them over all their requests, for the operating system counts in
 * steps that are large beside a short round; and the highest peak.
 */
export const figuresOf = (rounds: readonly Round[]): Figures => {
  const requests = sum(rounds.map(({ requests }) => requests))
  const names = [...new Set(rounds.flatMap(({ microseconds }) => Object.keys(microseconds)))]
  const split = names.map(
    (name) => [name, sum(rounds.map((round) => round.microseconds[name] ?? 0)) / requests] as const,
  )
  const microseconds = sum(split.map(([, each]) => each))
  return {
    requests,
    requestsPerSecond: median(rounds.map(({ requestsPerSecond }) => requestsPerSecond)),
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
    p999Ms: median(rounds.map(({ p999Ms }) => p999Ms)),
    microseconds,
    requestsPerCpuSecond: 1_000_000 / microseconds,
    split: split.toSorted(([, a], [, b]) => b - a),
    peakMegabytes: Math.max(...rounds.map(({ peakMegabytes }) => peakMegabytes)),
  }
}

/** The one in the middle; NaN of nothing. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const [low = Number.NaN, high = low] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.floor(sorted.length / 2)],
  ]
  return (low + high) / 2
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
