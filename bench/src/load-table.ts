import { figuresOf, type Figures } from './figures.ts'
import type { Found, Table } from './scenario.ts'
import type { Row } from './turns.ts'

type LoadRows = Extract<Found, { readonly rows: readonly Row[] }>

/** The table of a scenario of load: what it comes to first, then what was measured. */
export const loadTable = ({ rows, baseline, limit }: LoadRows): Table => {
  const known = new Map(rows.map((row) => [row.name, row.rounds === undefined ? undefined : figuresOf(row.rounds)]))
  const base = known.get(baseline)
  const most = limit === undefined ? undefined : known.get(limit)
  const head = [
    'contender',
    `× ${baseline}`,
    ...(limit === undefined ? [] : ['of the limit']),
    'requests / CPU s',
    'CPU µs / request',
    'requests / s',
    'p50 ms',
    'p99 ms',
    'p99.9 ms',
    'CPU µs by process',
    'peak MB',
  ]
  const cells = (row: Row): readonly string[] => {
    const figures = known.get(row.name)
    if (figures === undefined) return [`${row.name}: ${whyNot(row)}`, ...head.slice(1).map(() => '')]
    return [
      row.name,
      base === undefined ? '–' : ratio(figures.requestsPerCpuSecond / base.requestsPerCpuSecond),
      ...(limit === undefined
        ? []
        : [most === undefined ? '–' : percent(figures.requestsPerSecond / most.requestsPerSecond)]),
      figures.requestsPerCpuSecond.toFixed(0),
      rounded(figures.microseconds),
      figures.requestsPerSecond.toFixed(0),
      milliseconds(figures.p50Ms),
      milliseconds(figures.p99Ms),
      // Of fewer requests it would be their slowest.
      figures.requests < perRoundMin * (row.rounds?.length ?? 1) ? '–' : milliseconds(figures.p999Ms),
      splitOf(figures),
      figures.peakMegabytes.toFixed(0),
    ]
  }
  return { head, rows: rows.map(cells) }
}

/** Two digits that say something. */
export const ratio = (value: number): string => value.toFixed(value >= 10 ? 0 : 2)

const perRoundMin = 1_000

const whyNot = (row: Row): string => (row.failed === undefined ? `absent: ${row.absent}` : `ERROR: ${row.failed}`)

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`

const rounded = (value: number): string => value.toFixed(value >= 100 ? 0 : 1)

const milliseconds = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)

const splitOf = ({ split }: Figures): string => split.map(([name, each]) => `${name} ${rounded(each)}`).join(', ')
