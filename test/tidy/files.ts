import type { Rule, Violation } from './rule.ts'
import type { File } from './tree.ts'

const linesMax = 300
const columnsMax = 120

/** How long files and lines may be, and what they may be called. */
export const files: readonly Rule[] = [
  {
    // Of programs alone: a page of documentation is as long as what it has to say.
    name: `a program has at most ${linesMax} lines`,
    find: ({ files }) =>
      files
        .filter(isProgram)
        .filter(({ text }) => linesOf(text).length > linesMax)
        .map(({ path, text }) => ({
          path,
          line: linesMax + 1,
          what: `has ${linesOf(text).length} lines: it is two things`,
        })),
    broken: {
      files: {
        'a/long.ts': '\n'.repeat(301),
        'a/full.ts': '\n'.repeat(300),
        'a/long.md': '\n'.repeat(301),
        run: `#!/bin/sh\n${'\n'.repeat(300)}`,
      },
      places: ['a/long.ts:301', 'run:301'],
    },
  },
  {
    name: `a line has at most ${columnsMax} characters`,
    find: ({ files }) =>
      files.filter((file) => isProgram(file) || /\.(?:md|ya?ml)$|Dockerfile$/.test(file.path)).flatMap(longLines),
    broken: {
      files: {
        'a/titled.test.ts': `test('${'x'.repeat(121)}', () => {\n  pattern: /${'x'.repeat(121)}/,`,
        'a/wide.ts': `${'x'.repeat(120)}\n${'é'.repeat(120)}\n${'x'.repeat(121)}`,
        'a/page.md': [
          'x'.repeat(121),
          `| ${'x'.repeat(121)} |`,
          '```text',
          'x'.repeat(121),
          '```',
          `[x](https://example.org/${'x'.repeat(121)})`,
          'x'.repeat(121),
        ].join('\n'),
      },
      places: ['a/page.md:1', 'a/page.md:7', 'a/wide.ts:3'],
    },
  },
  {
    name: 'a file is named in kebab-case',
    find: ({ files }) =>
      files
        .filter(
          ({ path }) =>
            !path
              .split('/')
              .every(
                (name, depth) => kebabCase.test(name) || (depth === 0 && atTheRoot.test(name)) || name === 'Dockerfile',
              ),
        )
        .map(({ path }) => ({ path, line: 1, what: 'is not named in kebab-case' })),
    broken: {
      files: {
        'README.md': '',
        LICENSE: '',
        '.ci/run': '',
        'docs/decisions/0001-one-contract.md': '',
        'deploy/Dockerfile': '',
        'a/two-words.test.ts': '',
        'a/twoWords.ts': '',
        'a/two_words.ts': '',
        'A/word.ts': '',
        'docs/README.md': '',
      },
      places: ['A/word.ts:1', 'a/twoWords.ts:1', 'a/two_words.ts:1', 'docs/README.md:1'],
    },
  },
  {
    // Only as the whole name or its last word: a list of common passwords is named for what it is.
    name: 'a file is named for what it is: no utils, helpers, common, core, manager, index',
    find: ({ files }) =>
      files
        .filter(({ path }) => path.split('/').some((name) => vagueName.test(name)))
        .map(({ path }) => ({ path, line: 1, what: 'says nothing about what is in it' })),
    broken: {
      files: {
        'packages/utils/src/url.ts': '',
        'a/session-manager.ts': '',
        'a/index.ts': '',
        'a/auth.service.ts': '',
        'a/http-helpers.test.ts': '',
        'a/common-passwords.txt': '',
        'services/auth-service/src/auth-service.ts': '',
        'a/core-dump.ts': '',
      },
      places: [
        'a/auth.service.ts:1',
        'a/http-helpers.test.ts:1',
        'a/index.ts:1',
        'a/session-manager.ts:1',
        'packages/utils/src/url.ts:1',
      ],
    },
  },
]

const kebabCase = /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/
// What everyone looks for under the name that everyone gives it.
const atTheRoot = /^(?:[A-Z]+\.md|LICENSE|Makefile)$/
const vagueName = /^(?:.+[-.])?(?:utils?|helpers?|common|core|managers?|misc|index)(?:\.|$)|\.service\.ts$/

// The title of a test is one sentence, and a regular expression is one word.
const cannotBeBroken = /^\s*(?:(?:await |void )?\w+\(['"`]|(?:\w+: |const \w+ = )?\/.*\/[a-z]*[,)]*$)/

const isProgram = ({ path, text }: File): boolean => /\.(?:ts|sh)$/.test(path) || text.startsWith('#!')

const linesOf = (text: string): readonly string[] => text.replace(/\n$/, '').split('\n')

const longLines = (file: File): readonly Violation[] => {
  let isInBlock = false
  return linesOf(file.text).flatMap((line, index) => {
    if (file.path.endsWith('.md')) {
      if (line.startsWith('```')) isInBlock = !isInBlock
      // Tables cannot be broken, output must not be, and an address is one word.
      if (isInBlock || line.startsWith('|') || /https?:\S{60}/.test(line)) return []
    }
    if (cannotBeBroken.test(line)) return []
    const columns = [...line].length
    return columns > columnsMax ? [{ path: file.path, line: index + 1, what: `has ${columns} characters` }] : []
  })
}
