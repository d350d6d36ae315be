import { dirname, join } from 'node:path/posix'
import { writeCommand } from './pages.ts'
import type { Rule, Violation } from './rule.ts'
import { lineOf, type File, type Tree } from './tree.ts'

/** What the documents say is there. */
export const documents: readonly Rule[] = [
  {
    name: 'a relative link leads to a file that exists, and to a heading that is in it',
    find: (tree) =>
      pages(tree).flatMap((page) =>
        findAll(
          page,
          prose(page.text),
          /\]\(([^)\s]+)(?: "[^"]*")?\)|^\[[^\]]+\]: (\S+)/gm,
          ([, inline, reference]) => {
            const link = inline ?? reference ?? ''
            if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return undefined
            const [file = '', anchor] = link.split('#')
            const path = file === '' ? page.path : join(dirname(page.path), decodeURI(file))
            if (path !== '.' && !tree.has(path.replace(/\/$/, ''))) return `links to ${link}, which does not exist`
            if (anchor === undefined || !path.endsWith('.md')) return undefined
            return anchorsOf(tree.at(path)).has(anchor) ? undefined : `links to ${link}, where there is no such heading`
          },
        ),
      ),
    broken: {
      files: {
        'README.md': [
          '# One: `two`, three!',
          '[a](docs/a.md) [b](docs/b.md) [c](docs/a.md#four) [d](#one-two-three) [e](docs)',
          '[f](docs/a.md#five) [g](https://example.org/none)',
          '```',
          '[h](none.md)',
          '```',
          '[i]: none.md',
          '[j](#four)',
        ].join('\n'),
        'docs/a.md': '## Four\n[back](../README.md)\n[lost](README.md)\n`[k](none.md)`',
      },
      places: ['README.md:2', 'README.md:3', 'README.md:7', 'README.md:8', 'docs/a.md:3'],
    },
  },
  {
    // Not in decisions and the changelog: they tell what was. A path behind `owner/name` is in that repository.
    name: 'a path of the repository that a document names exists',
    find: (tree) =>
      pages(tree)
        .filter(({ path }) => !/^docs\/decisions\/|^CHANGELOG\.md$/.test(path))
        .flatMap((page) =>
          findAll(
            page,
            page.text,
            /(?<!\w\/[\w.-]+ `)(?<=`)(?:contract|packages|services|platform|test|deploy|docs|bench|clients)\/[\w./-]+(?=`)/g,
            ([path]) => (tree.has(path.replace(/\/$/, '')) ? undefined : `names ${path}, which does not exist`),
          ),
        ),
    broken: {
      files: {
        'README.md': '`docs/a.md` `docs/` `docs/b.md`\n`packages/*`\nfastify/fastify `docs/b.md`',
        'docs/a.md': '',
        'docs/decisions/0001-a.md': '`docs/b.md`',
      },
      places: ['README.md:1'],
    },
  },
  {
    name: 'a make target that a document names is in the Makefile',
    find: (tree) => {
      const targets = new Set(tree.at('Makefile')?.text.match(/^[\w.-]+(?=:(?!=))/gm))
      // In a code span, or at the beginning of a line of a block.
      return pages(tree).flatMap((page) =>
        findAll(
          page,
          page.text,
          /(?<=`|^\s*(?:\$ )?)make ((?:[a-z][\w-]*)(?:(?: \/)? [a-z][\w-]*)*)/gm,
          ([, names = '']) => {
            const missing = names.split(/[ /]+/).filter((name) => !targets.has(name))
            return missing.length === 0 || !isCode(page, names)
              ? undefined
              : `names make ${missing.join(', ')}, which the Makefile has not`
          },
        ),
      )
    },
    broken: {
      files: {
        Makefile: 'COMPOSE := docker\nstart:\n\t@run\ntest: start\n',
        'README.md':
          '`make start` and `make COMPOSE`\n`make bench`\n```\n$ make test\nmake prove WHAT=all\n```\nThey\nmake do.',
      },
      places: ['README.md:2', 'README.md:5'],
    },
  },
  {
    name: 'the generated pages are what the contract and the settings say',
    find: (tree, facts) =>
      Object.entries(facts.pages).flatMap(([path, make]): readonly Violation[] => {
        const present = tree.at(path)?.text
        const page = make(present)
        if (page === present) return []
        const lines = page.split('\n')
        const line = (present ?? '').split('\n').findIndex((text, index) => text !== lines[index])
        return [{ path, line: Math.max(line, 0) + 1, what: `is behind: ${writeCommand}` }]
      }),
    broken: {
      files: { 'docs/a.md': 'one\ntwo\n', 'docs/b.md': 'kept\n' },
      facts: {
        pages: { 'docs/a.md': () => 'one\n2\n', 'docs/b.md': (present = '') => present, 'docs/c.md': () => 'new' },
      },
      places: ['docs/a.md:2', 'docs/c.md:1'],
    },
  },
]

const pages = ({ files }: Tree): readonly File[] => files.filter(({ path }) => path.endsWith('.md'))

/** The page with its blocks and spans of code blank: brackets in them are no links. */
const prose = (text: string): string =>
  text.replaceAll(/^```[^]*?^```|`[^`\n]*`/gm, (code) => code.replaceAll(/[^\n]/g, ' '))

/** Whether a line that begins so stands in a block, or the words in a span of code: prose may well make do. */
const isCode = ({ text }: File, names: string): boolean =>
  text.includes(`\`make ${names}`) ||
  [...text.matchAll(/^```[^]*?^```/gm)].some(([block]) => block.includes(`make ${names}`))

const findAll = (
  page: File,
  text: string,
  pattern: RegExp,
  judge: (match: RegExpExecArray) => string | undefined,
): readonly Violation[] =>
  [...text.matchAll(pattern)].flatMap((match) => {
    const what = judge(match)
    return what === undefined ? [] : [{ path: page.path, line: lineOf(page, match.index), what }]
  })

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (page: File | undefined): ReadonlySet<string> => {
  const seen = new Map<string, number>()
  const headings = (page?.text ?? '').replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#{1,6} +(.+?) *#*$/gm)
  return new Set(
    Array.from(headings, ([, heading = '']) => {
      const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
      const anchor = words.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
      const times = seen.get(anchor) ?? 0
      seen.set(anchor, times + 1)
      return times === 0 ? anchor : `${anchor}-${times}`
    }),
  )
}
