import { figuresOf } from './figures.ts'
import { ratio } from './load-table.ts'
import { tableText } from './page.ts'
import type { Section } from './run-bench.ts'

/** The scenarios of the README's table, and what they are called there. */
const headlines: Readonly<Record<string, string>> = {
  'profile-read': 'profile read',
  login: 'login',
  proxied: 'proxied request',
}

/** The few figures that people ask for first, ready to be pasted: between marks, so that they are found again. */
export const headline = (sections: readonly Section[]): string => {
  const rows = sections.flatMap(({ scenario, found }) => {
    const what = headlines[scenario.name]
    if (what === undefined || !('rows' in found)) return []
    const base = found.rows.find(({ name }) => name === found.baseline)?.rounds
    const perCpuSecond = base === undefined ? undefined : figuresOf(base).requestsPerCpuSecond
    return found.rows.flatMap(({ name, rounds }) => {
      if (rounds === undefined) return []
      const figures = figuresOf(rounds)
      const times =
        perCpuSecond === undefined ? '–' : `${ratio(figures.requestsPerCpuSecond / perCpuSecond)} × ${found.baseline}`
      return [
        [
          what,
          name,
          times,
          figures.microseconds.toFixed(0),
          figures.requestsPerSecond.toFixed(0),
          figures.p99Ms.toFixed(1),
        ],
      ]
    })
  })
  const head = ['what', 'who', 'requests per CPU second', 'CPU µs', 'requests/s', 'p99 ms']
  return `<!-- headline: written by make bench -->\n\n${tableText({ head, rows })}\n\n<!-- end of headline -->\n`
}
