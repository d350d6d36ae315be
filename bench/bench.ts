/**
 * `make bench`: what each operation costs us, and what it costs others on the same machine in the same run. Prints each
 * table as soon as it is known, and keeps all of them in `bench/results/`.
 *
 *   SCENARIO=profile-read,login   only these
 *   CONTENDER=gatehouse,nginx     only those whose name has one of these in it
 *   QUICK=1                       less of everything: a few minutes, and figures that are good for a look
 *
 * Ends with 1 when anything could not be measured that should have been; what was measured is kept all the same.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { allScenarios } from './src/all-scenarios.ts'
import { allSystems } from './src/all-systems.ts'
import { headline } from './src/headline.ts'
import { machine } from './src/machine.ts'
import { paragraph, sectionText } from './src/page.ts'
import { programOf } from './src/program-of.ts'
import { failuresOf, runBench, type Section } from './src/run-bench.ts'
import type { Size } from './src/scenario.ts'

const full: Size = {
  rounds: 5,
  seconds: 4,
  warmUpSeconds: 4,
  onceMax: 400,
  dayMax: 20_000,
  starts: 10,
  memoryRequests: 1_000_000,
  memorySeconds: 30,
}
const quick: Size = {
  rounds: 2,
  seconds: 1,
  warmUpSeconds: 1,
  onceMax: 50,
  dayMax: 2_000,
  starts: 3,
  memoryRequests: 20_000,
  memorySeconds: 2,
}

const { SCENARIO = '', CONTENDER = '', QUICK = '' } = process.env
const isQuick = !['', '0'].includes(QUICK)
const words = (list: string): readonly string[] =>
  list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
const unknown = words(SCENARIO).filter((wanted) => !allScenarios().some(({ name }) => name === wanted))
if (unknown.length > 0) {
  const names = allScenarios().map(({ name }) => name)
  process.stderr.write(`bench: there is no scenario ${unknown.join(', ')}, but ${names.join(', ')}\n`)
  process.exit(2)
}
// Without it nothing can be measured: said before anything is started.
programOf('wrk')

const scenarios = allScenarios().filter(({ name }) => SCENARIO === '' || words(SCENARIO).includes(name))
const isWanted = (name: string): boolean => CONTENDER === '' || words(CONTENDER).some((part) => name.includes(part))
const date = new Date().toISOString().slice(0, 10)
const given = Object.entries({ SCENARIO, CONTENDER, QUICK }).filter(([, value]) => value !== '')
const command = ['make bench', ...given.map(([name, value]) => `${name}='${value}'`)].join(' ')
const size = isQuick ? quick : full
const introduction = [
  `# What was measured on ${date}`,
  `Written by \`${command}\`: ${size.rounds} rounds of ${size.seconds} s each, all contenders in turns.`,
  machine()
    .map((line) => `- ${line}`)
    .join('\n'),
  paragraph(
    'Processor time is that of all server processes together, by the operating system’s accounting; the load ' +
      'program’s own is not in it. Latencies and requests/s are medians of the rounds, on the machine that also ' +
      'makes the load. Every MariaDB runs without waiting for the disk (`innodb-flush-log-at-trx-commit=2`), ' +
      'whoever stands on it.',
  ),
].join('\n\n')

process.stdout.write(`${introduction}\n\n`)
const sections: Section[] = []
for await (const section of runBench({ scenarios, starters: allSystems, size, isWanted })) {
  sections.push(section)
  process.stdout.write(`${sectionText(section)}\n`)
}
const page = [introduction, headline(sections), ...sections.map(sectionText)].join('\n\n')
const folder = join(import.meta.dirname, 'results')
await mkdir(folder, { recursive: true })
// What is only a part does not take the place of the whole.
const path = join(folder, given.length === 0 ? `${date}.md` : `${date}-part.md`)
await writeFile(path, page)
process.stdout.write(`bench: kept in bench/results/${given.length === 0 ? date : `${date}-part`}.md\n`)
const failures = sections.flatMap(failuresOf)
for (const failure of failures) process.stderr.write(`bench: ERROR: ${failure}\n`)
if (failures.length > 0) process.exitCode = 1
