/**
 * `./gatehouse node bench/gate.ts`: does a request cost more processor time than was agreed to? Compares the two main
 * scenarios with `baseline.json`, and ends with 1 when one of them is over the limit in two measurements.
 *
 *     ./gatehouse node bench/gate.ts            the comparison: under a minute
 *     ./gatehouse node bench/gate.ts --renew    writes what is seen now into baseline.json
 */
import { readFile, writeFile } from 'node:fs/promises'
import { gateRounds, type GateSize } from './src/gate-rounds.ts'
import { costOf, howToRenew, verdictOn, type Baseline, type Verdict } from './src/gate-verdict.ts'

const size: GateSize = { rounds: 9, secondsPerRun: 1, warmUpRequests: 20_000, warmUpRunsMax: 20, connections: 48 }
/** For the second look and for a new baseline. */
const thorough: GateSize = { ...size, rounds: 21 }
const path = new URL('baseline.json', import.meta.url)

const verdicts = async (asked: GateSize): Promise<readonly Verdict[]> => {
  // Written by `--renew`, and read by nobody else.
  const baseline = JSON.parse(await readFile(path, 'utf8')) as Baseline
  return [...(await gateRounds(asked))].map(([scenario, rounds]) => verdictOn(scenario, rounds, baseline))
}

const tell = (found: readonly Verdict[]): void => {
  for (const { text } of found) process.stdout.write(`gate: ${text}\n`)
}

const compare = async (): Promise<number> => {
  const first = await verdicts(size)
  tell(first)
  if (first.every(({ is }) => is === 'within')) return 0
  process.stdout.write('gate: measured once more, for longer, on processes started anew\n')
  const second = await verdicts(thorough)
  tell(second)
  if (second.every(({ is }) => is === 'within')) return 0
  process.stderr.write(`gate: requests cost more processor time than was agreed to. If that is meant: ${howToRenew}\n`)
  return 1
}

const renew = async (): Promise<number> => {
  const costs = [...(await gateRounds(thorough))].map(([scenario, rounds]) => [scenario, costOf(rounds)] as const)
  await writeFile(path, `${JSON.stringify(Object.fromEntries(costs), undefined, 2)}\n`)
  for (const [scenario, { times, microseconds }] of costs)
    process.stdout.write(`gate: ${scenario} is ${times} times the calibration loop (${microseconds} µs) from now on\n`)
  return 0
}

const asked = process.argv.slice(2)
if (asked.some((word) => word !== '--renew')) {
  process.stderr.write('gate: nothing to compare with the baseline, or --renew to write a new one\n')
  process.exitCode = 2
} else process.exitCode = await (asked.length > 0 ? renew() : compare())
