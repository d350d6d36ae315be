import { importsOf } from './imports.ts'
import { isTest } from './places.ts'
import { matches, type Rule } from './rule.ts'

/** Tests run, all of them, and wait for facts. */
export const tests: readonly Rule[] = [
  {
    name: 'no test is skipped, set aside or run alone',
    find: matches({
      files: isTest,
      view: 'code',
      pattern:
        /\b(?:test|it|suite|describe)\s*\.\s*(?:only|skip|todo)\b|\b(?:t|context)\.(?:skip|todo)\(|[{,]\s*(?:skip|todo|only)\s*(?=[:,}])/,
      what: (match) => match.replace(/^[{,]\s*/, ''),
    }),
    broken: {
      files: {
        'a.test.ts': [
          'test.skip(name, body)',
          'suite.only(name, body)',
          'test(name, { skip: true }, body)',
          'test(name, { timeout: 1, todo }, body)',
          'test(name, (t) => t.skip())',
          "test('nothing is skipped: { skip: true }', body) // test.skip",
          'const rest = list.skip(1)',
        ].join('\n'),
        'a.ts': 'test.skip(name, body)',
      },
      places: ['a.test.ts:1', 'a.test.ts:2', 'a.test.ts:3', 'a.test.ts:4', 'a.test.ts:5'],
    },
  },
  {
    // A timer that may fire is a bound; a timer that a test waits for is a guess at how fast the machine is.
    name: 'a test waits for the fact, not for a while',
    find: (tree, facts) => [
      ...matches({
        files: isTest,
        view: 'code',
        pattern: /\bsetTimeout\(\s*(?:resolve|done|\(\)\s*=>\s*(?:resolve|done)\()|\bAtomics\.wait\(|\bsleep\s*\(/,
        what: (match) => `sleeps: ${match}`,
      })(tree, facts),
      ...tree.files.filter(isTest).flatMap((file) =>
        importsOf(file)
          .filter(({ specifier }) => specifier === 'node:timers/promises')
          .map(({ line }) => ({ path: file.path, line, what: 'sleeps: imports node:timers/promises' })),
      ),
    ],
    except: {
      'packages/sql/src/sqlite.test.ts':
        'ten timers that run are the fact: they prove that waiting for the database does not stop the event loop',
    },
    broken: {
      files: {
        'a.test.ts': [
          "import { setTimeout as delay } from 'node:timers/promises'",
          'await new Promise((resolve) => setTimeout(resolve, 10))',
          'await sleep(10)',
          'const timer = setTimeout(() => child.kill(), 10_000)',
          'const signal = AbortSignal.timeout(1000)',
          "await query('select sleep(10)')",
        ].join('\n'),
        'a.ts': "import { setTimeout as delay } from 'node:timers/promises'",
      },
      places: ['a.test.ts:1', 'a.test.ts:2', 'a.test.ts:3'],
    },
  },
]
