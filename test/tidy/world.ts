import { importsOf } from './imports.ts'
import { isIn, isSource } from './places.ts'
import { matches, type Rule } from './rule.ts'
import type { File } from './tree.ts'

const isPure = (file: File): boolean => isSource(file) && !isIn('platform')(file)

/** Time, chance, settings and the choice of adapters come in through ports: only platform/ touches the world. */
export const world: readonly Rule[] = [
  {
    name: 'only platform/ and tests read the environment',
    find: matches({
      files: isPure,
      view: 'spoken',
      pattern:
        /\bprocess\s*(?:\?\.|\.)\s*env\b|\bprocess\s*\[\s*['"]env['"]|\bimport\.meta\.env\b|\benv\b[^\n;]*\bfrom 'node:process'/,
      what: (match) => `reads the environment: ${match}`,
    }),
    broken: {
      files: {
        'services/a/src/a.ts':
          "// process.env is read elsewhere\nconst a = process.env['A']\nconst b = process['env']\nconst env = {}",
        'packages/p/src/p.ts': "import { env } from 'node:process'",
        'packages/p/src/p.test.ts': 'process.env.A',
        'packages/testing/src/t.ts': 'process.env.A',
        'platform/src/main.ts': 'readSettings(process.env)',
      },
      places: ['packages/p/src/p.ts:1', 'services/a/src/a.ts:2', 'services/a/src/a.ts:3'],
    },
  },
  {
    name: 'only platform/ and tests look at a clock',
    find: matches({
      files: isPure,
      view: 'code',
      pattern:
        /\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )\bDate\(|\bperformance\.(?:now|timeOrigin)\b|\bprocess\.(?:hrtime|uptime)\b/,
      what: (match) => `takes no Clock: ${match}`,
    }),
    broken: {
      files: {
        'packages/p/src/p.ts':
          'const a = Date.now()\nconst b = new Date(0)\nconst c = new Date()\nconst d = Date.now\nDate.UTC(1)',
        'services/a/src/a.ts': "performance.now()\nprocess.hrtime.bigint()\nclock.now()\n'Date.now()'",
        'services/a/src/a.test.ts': 'Date.now()',
        'platform/src/clock.ts': 'Date.now()',
      },
      places: [
        'packages/p/src/p.ts:1',
        'packages/p/src/p.ts:3',
        'packages/p/src/p.ts:4',
        'services/a/src/a.ts:1',
        'services/a/src/a.ts:2',
      ],
    },
  },
  {
    // A parameter may well be called randomBytes: it is the port.
    name: 'only platform/ and tests draw random numbers',
    find: (tree, facts) => [
      ...matches({
        files: isPure,
        view: 'code',
        pattern: /\bMath\.random\b|\bcrypto\??\.(?:random\w+|getRandomValues)\b/,
        what: (match) => `takes no Ids: ${match}`,
      })(tree, facts),
      ...tree.files.filter(isPure).flatMap((file) =>
        importsOf(file)
          .filter(
            ({ specifier, clause }) => specifier === 'node:crypto' && /\brandom\w+|\bgetRandomValues\b/.test(clause),
          )
          .map(({ line }) => ({ path: file.path, line, what: 'takes no Ids: imports randomness from node:crypto' })),
      ),
    ],
    broken: {
      files: {
        'packages/p/src/p.ts':
          "import { createHash, randomBytes } from 'node:crypto'\nMath.random()\ncrypto.randomUUID()",
        'packages/q/src/q.ts': 'export const seal = (randomBytes: Bytes) => randomBytes(12)',
        'packages/testing/src/t.ts': "import { randomBytes } from 'node:crypto'",
        'platform/src/clock.ts': "import { randomUUID } from 'node:crypto'",
      },
      places: ['packages/p/src/p.ts:1', 'packages/p/src/p.ts:2', 'packages/p/src/p.ts:3'],
    },
  },
]
