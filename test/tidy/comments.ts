import { isSource } from './places.ts'
import { matches, type Rule } from './rule.ts'
import type { File } from './tree.ts'

/** What is said about the code. */
export const comments: readonly Rule[] = [
  {
    name: 'every export has a docstring of at least one sentence',
    find: ({ files }) =>
      files.filter(isSource).flatMap((file) =>
        Array.from(file.code.matchAll(/^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?[a-z]+\*?\s+(\w+)(.*)/gm))
          .filter(([, , rest = '']) => !isReadOffATable(rest))
          .filter(({ index }) => !isDescribed(file, index))
          .map(({ index, 1: name = '' }) => {
            const line = file.text.slice(0, index).split('\n').length
            return { path: file.path, line, what: `${name} has no docstring` }
          }),
      ),
    broken: {
      files: {
        'a.ts': [
          '/** Says what it is for. */',
          'export const a = 1',
          '',
          'export const b = 2',
          '/** Of another line. */',
          '',
          'export type C = {}',
          '/** a word */',
          'export async function* d() {}',
          '/**',
          ' * Tells one thing, and another',
          ' * on a second line: `e`.',
          ' */',
          'export class E extends Error {}',
          '// Not a docstring.',
          'export function f() {}',
          'export type A = keyof typeof a',
          '/** Says it above another comment. */',
          '// The cast is right.',
          'export const h = i as J',
        ].join('\n'),
        'a.test.ts': 'export const g = 1',
      },
      places: ['a.ts:16', 'a.ts:4', 'a.ts:7', 'a.ts:9'],
    },
  },
  {
    name: 'what is left to do stands in an issue, not in a comment',
    find: matches({
      // The lock file is npm's.
      files: ({ path }) => path !== 'package-lock.json',
      view: 'comments',
      pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/,
      what: (match) => match,
    }),
    broken: {
      files: { 'a.ts': "// TODO: more\nconst TODO = 'FIXME'", 'a.md': 'Here and there:\nFIXME' },
      places: ['a.md:2', 'a.ts:1'],
    },
  },
]

/** A type that is read off a documented table or schema is described there: a second sentence would be the same one. */
const isReadOffATable = (rest: string): boolean =>
  /^\s*=\s*(?:Static<typeof \w+>|keyof typeof \w+|\(typeof \w+\)\[number\]|typeof \w+)$/.test(rest.trimEnd())

const isDescribed = ({ text, comments }: File, index: number): boolean => {
  const start = comments.slice(0, index).lastIndexOf('/**')
  if (start === -1) return false
  const [said = '', between = ''] = text.slice(start, index).split('*/')
  // Nothing stands between the docstring and the export, but perhaps the comment of a cast.
  return /^\n(?:\/\/.*\n)*$/.test(between) && /\w+[^\w]+\w[^]*[.!?:…]\s/.test(said)
}
