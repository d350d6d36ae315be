import { importsOf } from './imports.ts'
import { isForTests, isIn } from './places.ts'
import type { Rule } from './rule.ts'
import type { File } from './tree.ts'

type Importers = (file: File) => boolean

// Queries are written where the tables are, and nowhere else.
const isSql: Importers = ({ path }) => /(?:^|\/)(?:stores|migrations)\//.test(path)

/**
 * Who may import what, types included. A library behind one folder can be replaced there; whoever adds one adds its
 * row. Tests may import a library that only they use: what is in the root's devDependencies stands in no row.
 */
const importers: Readonly<Record<string, Importers>> = {
  '@node-rs/argon2': isIn('packages/passwords'),
  ajv: isIn('packages/http', 'packages/event-feed', 'services/api-gateway'),
  'fast-json-stringify': isIn('packages/http'),
  fastify: isIn('packages/http'),
  ioredis: isIn('packages/event-feed', 'packages/counters'),
  jose: isIn('packages/access-tokens', 'services/auth-service'),
  kysely: (file) => isIn('packages/sql')(file) || isSql(file),
  // packages/testing makes the databases of the tests, and must be able to look at them without our own adapter.
  mysql2: isIn('packages/sql', 'packages/testing'),
  'node:sqlite': isIn('packages/sql'),
  pino: isIn('packages/observe'),
  'pino-pretty': isIn('packages/observe'),
  'prom-client': isIn('packages/observe'),
  'rate-limiter-flexible': isIn('packages/counters'),
  typebox: isIn('contract'),
  undici: isIn('services/api-gateway', 'packages/access-tokens', 'packages/event-feed', 'test', 'bench'),
  ws: isIn('test'),
  yaml: isIn('services/api-gateway'),
}

const whyNot = (module: string): string =>
  Object.hasOwn(importers, module) ? 'this is not one of its importers' : 'no row says who may'

/** Each library lives behind one folder. */
export const libraries: readonly Rule[] = [
  {
    name: 'a library is imported only where the table of importers says',
    find: ({ files, at }) => {
      const isTool = (module: string, file: File): boolean =>
        isForTests(file) && at('package.json')?.text.includes(`"${module}"`) === true
      return files.flatMap((file) =>
        importsOf(file)
          .filter(({ module }) => Object.hasOwn(importers, module) || !/^(?:\.|\/|node:|@gatehouse\/)/.test(module))
          .filter(({ module }) => !(importers[module]?.(file) ?? isTool(module, file)))
          .map(({ module, line }) => ({
            path: file.path,
            line,
            what: `imports ${module}: ${whyNot(module)}`,
          })),
      )
    },
    broken: {
      files: {
        'package.json': '{ "devDependencies": { "fast-check": "1.0.0" } }',
        'packages/http/src/application.ts': "import { fastify } from 'fastify'\nimport { Kysely } from 'kysely'",
        'packages/p/src/p.ts': "import type { FastifyInstance } from 'fastify'\nimport 'left-pad'\nimport 'node:fs'",
        'packages/p/src/p.test.ts': "import fc from 'fast-check'\nimport { DatabaseSync } from 'node:sqlite'",
        'services/a/src/stores/accounts.ts': "import { sql } from 'kysely'\nimport { createPool } from 'mysql2'",
        'services/a/src/migrations/0001-users.ts': "import { sql } from 'kysely'",
        'services/a/src/login.ts': "import { sql } from 'kysely/helpers'",
      },
      places: [
        'packages/http/src/application.ts:2',
        'packages/p/src/p.test.ts:2',
        'packages/p/src/p.ts:1',
        'packages/p/src/p.ts:2',
        'services/a/src/login.ts:1',
        'services/a/src/stores/accounts.ts:2',
      ],
    },
  },
]
