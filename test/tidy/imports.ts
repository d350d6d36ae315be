import { lineOf, type File } from './tree.ts'

/** One import, re-export or dynamic import of a module by name. */
export type Import = {
  /** What stands between the quotes. */
  readonly specifier: string
  /**
   * The module it names: `kysely` of `kysely/migration`, `@gatehouse/sql` of `@gatehouse/sql/database.ts`, a path,
   * `node:fs`.
   */
  readonly module: string
  /** The words before `from`, as written: `{ a, type B as C }`. */
  readonly clause: string
  readonly line: number
}

/** Every import of a file, also of types alone. */
export const importsOf = (file: File): readonly Import[] =>
  Array.from(file.code.matchAll(specifiers), ({ 0: whole, index }) => {
    // The two last quotes of the match: in the view their inside is blank.
    const end = index + whole.length - 1
    const specifier = file.text.slice(file.code.lastIndexOf(file.text.charAt(end), end - 1) + 1, end)
    return { specifier, module: moduleOf(specifier), clause: clauseBefore(file, index), line: lineOf(file, end) }
  })

const specifiers = /\bfrom\s*(['"]) +\1|\bimport\s*(['"]) +\2|\bimport(?:\.meta\.resolve)?\s*\(\s*(['"]) +\3/g

const moduleOf = (specifier: string): string =>
  /^(?:\.|\/|node:)/.test(specifier) ? specifier : (/^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier)

const clauseBefore = ({ code }: File, end: number): string => {
  const start = Math.max(code.lastIndexOf('\nimport ', end), code.lastIndexOf('\nexport ', end), 0)
  return code.startsWith('from', end) ? code.slice(start, end).trim() : ''
}
