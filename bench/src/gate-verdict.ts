/** What one round of a scenario has cost, in µs of processor time a request, and the calibration loop beside it. */
export type GateRound = { readonly microseconds: number; readonly calibration: number }

/** What a scenario costs. */
export type Cost = {
  /** Times what the calibration loop costs: the figure that is compared. */
  readonly times: number
  /** Of processor time a request, for people: another machine has others. */
  readonly microseconds: number
}

/** What a scenario cost when it was last agreed to, by its name: `bench/baseline.json`. */
export type Baseline = Readonly<Record<string, Cost>>

/** How a scenario is doing. */
export type Verdict = { readonly is: 'over' | 'within' | 'unknown'; readonly text: string }

/** A change that costs so many times the baseline does not pass. */
const limit = 1.3

/** Below this somebody has made it faster, and the baseline should say so, or it could be lost unnoticed. */
const wonBelow = 0.85

/**
 * What the quietest eighth of the rounds stayed under, divided by the same of the loop that ran beside them. Other work
 * on the machine only makes a request dearer, by emptying caches, so the quiet rounds tell the most; the very quietest
 * is left out, because the operating system counts in steps and one may be missing there.
 */
export const costOf = (rounds: readonly GateRound[]): Cost => {
  const microseconds = quietest(rounds.map((round) => round.microseconds))
  const calibration = quietest(rounds.map((round) => round.calibration))
  return { times: hundredths(microseconds / calibration), microseconds: tenths(microseconds) }
}

/** Compares what was seen with what was agreed to. */
export const verdictOn = (scenario: string, rounds: readonly GateRound[], baseline: Baseline): Verdict => {
  const seen = costOf(rounds)
  const agreed = baseline[scenario]
  if (agreed === undefined) return { is: 'unknown', text: `${scenario}: bench/baseline.json has no such scenario` }
  const ratio = seen.times / agreed.times
  const figures =
    `${scenario}: ${ratio.toFixed(2)} of the baseline (at most ${limit}): ${told(seen)}, baseline ${told(agreed)}; ` +
    `${rounds.length} rounds, ${rangeOf(rounds)}`
  // Not `ratio >= limit`: where nothing was measured it is NaN, and that must not pass.
  if (!(ratio < limit)) return { is: 'over', text: `${figures}. TOO DEAR` }
  return { is: 'within', text: ratio < wonBelow ? `${figures}. Cheaper: ${howToRenew}` : figures }
}

/** What to do when it is meant so. */
export const howToRenew = './gatehouse node bench/gate.ts --renew, and commit bench/baseline.json with the reason'

const told = ({ times, microseconds }: Cost): string => `${times} times the calibration loop (${microseconds} µs)`

const rangeOf = (rounds: readonly GateRound[]): string => {
  const ratios = rounds.map(({ microseconds, calibration }) => microseconds / calibration)
  return `from ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} times`
}

const quietest = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 8)] ?? Number.NaN

const hundredths = (value: number): number => Math.round(value * 100) / 100

const tenths = (value: number): number => Math.round(value * 10) / 10
