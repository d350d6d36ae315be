import type { Rule, Violation } from './rule.ts'
import { lineOf, type File } from './tree.ts'

/**
 * The files that set settings agree with each other. `.env.example` is not a list of all settings: it holds those that
 * compose.yaml passes on, because another one written there would change nothing. All of them are in docs/operating.md.
 */
export const settingsFiles: readonly Rule[] = [
  {
    name: '.env.example explains what compose.yaml takes from it, and nothing else',
    find: ({ at }) => {
      const example = at('.env.example')
      const compose = at('compose.yaml')
      if (example === undefined || compose === undefined) return []
      const explained = namesIn(example, /^#?([A-Z][A-Z0-9_]*)=/gm)
      const taken = namesIn(compose, /\$\{([A-Z][A-Z0-9_]*)/g)
      return [
        ...missing(compose, taken, explained, 'is not in .env.example'),
        ...missing(example, explained, taken, 'is not passed on by compose.yaml'),
      ]
    },
    broken: {
      files: {
        '.env.example': '# About A.\nA=\n#B=1\n#C=2',
        'compose.yaml': 'x: ${A:?run make up}\ny: $${D}:${B:-1}\nz: ${E}${E}',
      },
      places: ['.env.example:4', 'compose.yaml:3'],
    },
  },
  {
    // A name that nobody reads is a setting that silently does not hold. MYSQL_…, NODE_… and MALLOC_… are read by
    // MySQL, Node and the C library.
    name: 'compose.yaml and the image set only settings that there are',
    find: ({ at }, { settings }) =>
      ['compose.yaml', 'deploy/Dockerfile'].flatMap((path) => {
        const file = at(path)
        if (file === undefined) return []
        const known = new Map([...settings, ...settings.map((name) => `${name}_FILE`)].map((name) => [name, 0]))
        const names = namesIn(
          file,
          path === 'compose.yaml'
            ? /^\s+(?!MYSQL_)([A-Z][A-Z0-9_]*):(?=\s)/gm
            : /(?<=^ENV\b.*\s)(?!NODE_|MALLOC_)([A-Z][A-Z0-9_]*)=/gm,
        )
        return missing(file, names, known, 'is no setting')
      }),
    broken: {
      files: {
        'compose.yaml':
          'environment:\n  HOST: 0.0.0.0\n  JWT_SECRET_KEY_FILE: /run/key\n  MYSQL_USER: a\n  HOTS: 0.0.0.0',
        'deploy/Dockerfile': 'ENV NODE_ENV=production HOTS=1\nENV HOST=0.0.0.0',
      },
      facts: { settings: ['HOST', 'JWT_SECRET_KEY'] },
      places: ['compose.yaml:5', 'deploy/Dockerfile:1'],
    },
  },
]

/** The names that the pattern's group finds, each with the line where it stands first. A doubled $ is compose's own. */
const namesIn = (file: File, pattern: RegExp): ReadonlyMap<string, number> => {
  const text = file.text.replaceAll('$${', '   ')
  return new Map(
    [...text.matchAll(pattern)]
      .toReversed()
      .map(({ 1: name = '', index, 0: match }) => [name, lineOf(file, index + match.indexOf(name))]),
  )
}

const missing = (
  file: File,
  names: ReadonlyMap<string, number>,
  known: ReadonlyMap<string, number>,
  what: string,
): readonly Violation[] =>
  [...names]
    .filter(([name]) => !known.has(name))
    .map(([name, line]) => ({ path: file.path, line, what: `${name} ${what}` }))
