import { importsOf } from './imports.ts'
import { isForTests, isIn, isSource } from './places.ts'
import { matches, type Rule } from './rule.ts'

/**
 * The twins: modules of which one stands for a thing near and one for the same thing far, or small and large. Which of
 * them it is in this process is the topology, and only the named files choose.
 */
const choosers: Readonly<Record<string, readonly string[]>> = {
  '@gatehouse/api-gateway/in-process-upstream.ts': ['platform/src/reach.ts'],
  '@gatehouse/api-gateway/network-upstream.ts': ['platform/src/reach.ts'],
  '@gatehouse/access-tokens/remote-keys.ts': ['platform/src/reach.ts'],
  '@gatehouse/access-tokens/remote-validate.ts': ['platform/src/reach.ts'],
  '@gatehouse/event-feed/remote-feed.ts': ['platform/src/reach.ts'],
  '@gatehouse/event-feed/local-signal.ts': ['platform/src/adapters.ts'],
  '@gatehouse/event-feed/redis-signal.ts': ['platform/src/adapters.ts'],
  '@gatehouse/sql/database.ts openDatabase': [
    'platform/src/adapters.ts',
    'platform/src/keys.ts',
    'platform/src/migrate.ts',
  ],
}

/**
 * Those who hear the target: they read it, check settings against it, start its services, or hand it to `adaptersFor`.
 */
const knowTheTarget = ['adapters', 'help', 'main', 'migrate', 'serve', 'settings', 'targets'].map(
  (name) => `platform/src/${name}.ts`,
)

/**
 * Two functions know the topology: `adaptersFor` and `reach`. Everything else would be the same in one process or many.
 */
export const topology: readonly Rule[] = [
  {
    name: 'only adaptersFor and reach choose between near and far, small and large',
    find: ({ files }) =>
      files
        .filter((file) => !isForTests(file))
        .flatMap((file) =>
          importsOf(file)
            .filter(({ specifier, clause }) =>
              Object.entries(choosers).some(([twin, files]) => {
                const [module, name] = twin.split(' ')
                const isMeant = module === specifier && (name === undefined || clause.split(/\W+/).includes(name))
                return isMeant && !files.includes(file.path)
              }),
            )
            .map(({ specifier, line }) => ({
              path: file.path,
              line,
              what: `chooses the topology: imports ${specifier}`,
            })),
        ),
    broken: {
      files: {
        'platform/src/adapters.ts': "import { openDatabase, type Database } from '@gatehouse/sql/database.ts'",
        'platform/src/reach.ts': "import { remoteFeed } from '@gatehouse/event-feed/remote-feed.ts'",
        'platform/src/serve.ts':
          "import type { Database } from '@gatehouse/sql/database.ts'\nimport('@gatehouse/event-feed/redis-signal.ts')",
        'services/a/src/a.ts': "import { openDatabase } from '@gatehouse/sql/database.ts'",
        'services/a/src/a.test.ts': "import { openDatabase } from '@gatehouse/sql/database.ts'",
      },
      places: ['platform/src/serve.ts:2', 'services/a/src/a.ts:1'],
    },
  },
  {
    name: 'the target is mentioned where a process is put together and nowhere else',
    find: (tree, facts) => [
      ...matches({
        files: (file) => isSource(file) && !isIn('platform')(file),
        view: 'spoken',
        pattern: /--target\b/,
        what: () => 'mentions the target',
      })(tree, facts),
      ...tree.files
        .filter((file) => isIn('platform')(file) && isSource(file) && !isIn(...knowTheTarget)(file))
        .flatMap((file) =>
          importsOf(file)
            .filter(
              ({ specifier, clause }) =>
                specifier === './targets.ts' && /\b(?:Target|targets|targetNamed|runs)\b/.test(clause),
            )
            .map(({ line }) => ({
              path: file.path,
              line,
              what: 'knows the target: take what depends on it as a parameter',
            })),
        ),
    ],
    broken: {
      files: {
        'platform/src/serve.ts': "import type { Target } from './targets.ts'\nconst word = '--target'",
        'platform/src/start-auth-service.ts': "import { runs } from './targets.ts'",
        'platform/src/banner.ts': "import type { ServiceName } from './targets.ts'",
        'packages/p/src/p.ts': "// --target is heard elsewhere\nif (argv.includes('--target=all')) stop()",
      },
      places: ['packages/p/src/p.ts:2', 'platform/src/start-auth-service.ts:1'],
    },
  },
  {
    // Migrations say in two dialects what tables are made of: that is their work.
    name: 'a service does not know which database or message bus it stands on',
    find: matches({
      files: (file) => isSource(file) && isIn('services')(file) && !/\/migrations\//.test(file.path),
      view: 'spoken',
      pattern: /sqlite|mysql|mariadb|redis(?!tribut)/i,
      what: (match) => `mentions ${match}`,
    }),
    broken: {
      files: {
        'services/a/src/login.ts': "// works on SQLite\nif (database.dialect === 'sqlite') redistribute()",
        'services/a/src/migrations/0001-users.ts': "if (dialect === 'sqlite') index()",
        'packages/sql/src/sqlite.ts': "'sqlite'",
      },
      places: ['services/a/src/login.ts:2'],
    },
  },
]
