import { lineOf, type File, type Tree } from './tree.ts'
import type { Views } from './views.ts'

/** A rule of STYLE.md or ARCHITECTURE.md that a machine can check. */
export type Rule = {
  /** What holds, as a sentence. */
  readonly name: string
  readonly find: (tree: Tree, facts: Facts) => Iterable<Violation>
  /** Files that may break it, each with the reason. A reason that excuses nothing any more is a violation itself. */
  readonly except?: Readonly<Record<string, string>>
  /**
   * A small tree that breaks it: the proof that the rule bites, and at which places it does and at which it does not.
   */
  readonly broken: {
    readonly files: Readonly<Record<string, string>>
    readonly facts?: Partial<Facts>
    /** `path:line` of every violation, sorted. */
    readonly places: readonly string[]
  }
}

/** Something that is not as the rule says. */
export type Violation = { readonly path: string; readonly line: number; readonly what: string }

/** What the rules know of the contract and the settings, as data. */
export type Facts = {
  readonly operations: readonly {
    readonly service: string
    readonly name: string
    readonly method: string
    readonly path: string
  }[]
  readonly refusalCodes: readonly string[]
  readonly settings: readonly string[]
  /** The generated pages by path: each makes the page anew from the one there is. */
  readonly pages: Readonly<Record<string, (present: string | undefined) => string>>
}

type Search = {
  readonly files: (file: File) => boolean
  readonly view: keyof Views | 'text'
  readonly pattern: RegExp
  /** What is wrong, told from the match. */
  readonly what: (match: string) => string
}

/** Finds every match of a pattern, which takes a file line by line, in one view of some files. */
export const matches =
  ({ files, view, pattern, what }: Search): Rule['find'] =>
  ({ files: all }) =>
    all.filter(files).flatMap((file) =>
      Array.from(file[view].matchAll(new RegExp(pattern, `gm${pattern.flags}`)), (match) => ({
        path: file.path,
        line: lineOf(file, match.index),
        what: what(match[0].trim()),
      })),
    )

/**
 * All violations of a rule in a tree, as `path:line what`: those it excuses left out, and excuses that nobody needs
 * named.
 */
export const violations = ({ name, find, except = {} }: Rule, tree: Tree, facts: Facts): readonly string[] => {
  const found = [...find(tree, facts)]
  const unneeded = Object.keys(except).filter((path) => !found.some((violation) => violation.path === path))
  return [
    ...found.filter(({ path }) => !Object.hasOwn(except, path)),
    ...unneeded.map((path) => ({
      path,
      line: 1,
      what: `is excused from "${name}" and needs no excuse: take it off the list`,
    })),
  ]
    .map(({ path, line, what }) => `${path}:${line} ${what}`)
    .toSorted()
}
