import { loadTable } from './load-table.ts'
import type { Section } from './run-bench.ts'
import type { Table } from './scenario.ts'

/** A section as it is printed and kept: its name, what it is about, and its table. */
export const sectionText = ({ scenario, found }: Section): string =>
  `## ${scenario.name}\n\n${paragraph(scenario.about)}\n\n${bodyOf(found)}\n`

/** Text in lines as long as those of every page here. */
export const paragraph = (text: string): string => text.replaceAll(/(.{1,120})(?: |$)/g, '$1\n').trimEnd()

/** A table in Markdown, its columns aligned for a terminal too. */
export const tableText = ({ head, rows }: Table): string => {
  const all = [head, ...rows].map((cells) => cells.map(plain))
  const columns = head.map((_, column) => all.filter(isWhole).map((cells) => cells[column] ?? ''))
  const widths = columns.map((cells) => Math.max(...cells.map(({ length }) => length)))
  const aligned = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)
  const [first = '', ...others] = all.map((cells) => `| ${cells.map(aligned).join(' | ')} |`)
  const rule = widths.map((width, column) => '-'.repeat(width + 1) + (column === 0 ? '-' : ':'))
  return [first, `|${rule.join('|')}|`, ...others].join('\n')
}

/** What is said in a cell must not end it. */
const plain = (cell: string): string => cell.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')

/** Not one that says why it is empty, at length. */
const isWhole = (cells: readonly string[]): boolean => cells.slice(1).some((cell) => cell !== '')

const bodyOf = (found: Section['found']): string => {
  if ('failed' in found) return `ERROR: ${found.failed}`
  return tableText('table' in found ? found.table : loadTable(found))
}
