import { isForTests, isSource } from './places.ts'
import { matches, type Rule } from './rule.ts'
import type { File } from './tree.ts'

const isTypeScript = ({ path }: File): boolean => path.endsWith('.ts')

/**
 * The part of TypeScript that we write. The linter knows most of these too; this list does not depend on its
 * configuration.
 */
export const language: readonly Rule[] = [
  {
    name: 'nothing is of type any',
    find: matches({
      files: isTypeScript,
      view: 'code',
      pattern: /(?<![.\w'"])any\b(?!\s*(?:\??:|\())/,
      what: () => 'any',
    }),
    broken: {
      files: {
        'a.ts': [
          'const a: any = 1',
          'const b = c as any',
          'type D = Map<string, any>',
          'Promise.any([])',
          "'any' // any",
        ].join('\n'),
      },
      places: ['a.ts:1', 'a.ts:2', 'a.ts:3'],
    },
  },
  {
    name: 'undefined is looked at, not asserted away with !',
    find: matches({
      files: isTypeScript,
      view: 'code',
      pattern: /[\w$)\]'"`]!(?!=)/,
      what: (match) => `asserts ${match}`,
    }),
    broken: {
      files: {
        'a.ts': ['a!.b', 'f()!', 'let c!: string', 'if (!d && e !== f) g(!h)', "'Invalid token!'", '!i'].join('\n'),
      },
      places: ['a.ts:1', 'a.ts:2', 'a.ts:3'],
    },
  },
  {
    // Node strips types, it does not compile them.
    name: 'no enum, namespace, ambient module or decorator',
    find: matches({
      files: isTypeScript,
      view: 'code',
      pattern: /\benum\s+\w+|\bdeclare\s+(?:module|global|namespace)\b|\bnamespace\s+\w+\s*\{|@/,
      what: (match) => `uses ${match === '@' ? 'a decorator' : match}`,
    }),
    broken: {
      files: {
        'a.ts': [
          'enum A { B }',
          "declare module 'x' {}",
          'namespace C { }',
          '@decorated',
          "import '@gatehouse/a/a.ts' // @decorated",
        ].join('\n'),
      },
      places: ['a.ts:1', 'a.ts:2', 'a.ts:3', 'a.ts:4'],
    },
  },
  {
    // `@ts-expect-error` in a test proves that something does not compile, and fails when it does.
    name: 'no type error is switched off',
    find: (tree, facts) => [
      ...matches({ files: isTypeScript, view: 'comments', pattern: /@ts-(?:ignore|nocheck)\b/, what: String })(
        tree,
        facts,
      ),
      ...matches({ files: isSource, view: 'comments', pattern: /@ts-expect-error\b/, what: String })(tree, facts),
    ],
    broken: {
      files: {
        'a.ts': ['// @ts-ignore', '/* @ts-nocheck */', "'@ts-ignore'", '// @ts-expect-error'].join('\n'),
        'a.test.ts': '// @ts-expect-error a handler is missing',
      },
      places: ['a.ts:1', 'a.ts:2', 'a.ts:4'],
    },
  },
  {
    name: 'a cast has a comment that says why it holds',
    find: ({ files }) =>
      files.filter(isSource).flatMap((file) => {
        const code = file.code.split('\n')
        const comments = file.comments.split('\n')
        return code.flatMap((line, index) => {
          if (!isCast(line)) return []
          const isExplained = comments
            .slice(Math.max(0, index - commentLinesAbove), index + 1)
            .some((said) => said.trim() !== '')
          return isExplained ? [] : [{ path: file.path, line: index + 1, what: 'casts and does not say why' }]
        })
      }),
    broken: {
      files: {
        'a.ts': [
          'const a = b as C',
          '',
          '',
          '',
          '// The table has every name.',
          'const d = e as F',
          'const g = [1] as const',
          'const h = i as J // its keys are checked above',
          '',
          '',
          '',
          'return (await k()) as unknown as L',
          "import * as m from 'm'",
          "import { type n as o } from 'm'",
          'type P = { [K in Q as R]: S }',
        ].join('\n'),
        'a.test.ts': 'const a = b as C',
      },
      places: ['a.ts:1', 'a.ts:12'],
    },
  },
  {
    name: 'a class is an error: everything else is a function and what it closes over',
    find: matches({
      files: isTypeScript,
      view: 'code',
      pattern:
        /\bclass\s+(?!extends\b)\w+(?:<[^{]*>)?(?!\s+extends\s+(?:\w*Error|Refusal)\b)(?=[\s{])(?:\s+extends\s+[\w.]+)?|\bclass(?:\s+extends\s+[\w.]+)?\s*\{/,
      what: (match) => match,
    }),
    except: {
      'packages/http/src/http2-request.ts':
        'Node’s listeners ask for an IncomingMessage, and its own reads from a socket',
      'packages/http/src/http2-response.ts': 'Node’s own answer, but for what it says of an end',
      'packages/http/src/lane/lane-answer.ts': 'one object for an answer on the hot path, in the shape of Node’s own',
      'packages/http/src/lane/lane-connection.ts': 'the state of a client’s connection on the hot path',
      'packages/http/src/lane/lane-request.ts': 'one object for a request on the hot path, in the shape of Node’s own',
      'services/api-gateway/src/kept/answer-reader.ts':
        'what a connection is in the middle of, with methods that all connections share: this is the hot path',
      'services/api-gateway/src/kept/attempt.ts':
        'one object for a request on the hot path, of the shape undici asks for',
      'services/api-gateway/src/kept/chunked-body.ts': 'one object for an answer on the hot path',
      'services/api-gateway/src/kept/kept-connection.ts': 'the state of a connection on the hot path, as above',
      'services/api-gateway/src/relay.ts':
        'one object for a request, where closures would be a dozen: this is the hot path',
      'packages/sql/src/sqlite.ts':
        'kysely asks for an adapter object, and its own for SQLite is right but for two answers',
    },
    broken: {
      files: {
        'a.ts': [
          'class A {}',
          'class B extends Error {}',
          'export class C extends D {}',
          'class E extends TypeError {}',
          'f(class {})',
        ].join('\n'),
      },
      places: ['a.ts:1', 'a.ts:3', 'a.ts:5'],
    },
  },
  {
    name: 'every export has a name and its own file: no default exports, no barrels',
    find: matches({
      files: isTypeScript,
      view: 'code',
      pattern: /^export\s+default\b|\bas\s+default\b|^export\s+(?:type\s+)?(?:\*|\{)/,
      what: (match) => `writes ${match}`,
    }),
    broken: {
      files: {
        'a.ts': [
          'export default a',
          "export * from './b.ts'",
          "export { c } from './c.ts'",
          'export const d = {}',
        ].join('\n'),
      },
      places: ['a.ts:1', 'a.ts:2', 'a.ts:3'],
    },
  },
  {
    // Two services in one process, and two tests in one file, would share it. What a WeakMap holds belongs to its keys.
    name: 'no module keeps state',
    find: matches({
      files: (file) => isTypeScript(file) && !isForTests(file),
      view: 'code',
      pattern:
        /^(?:export\s+)?(?:let|var)\s+\w+|^(?:export\s+)?const\s+\w+(?!.*\b[Rr]eadonly)[^=\n]*=\s*(?:new\s+(?:Map|Set|Array)\b[^(\n]*\(\s*\)|\[\]$)/,
      what: (match) => `keeps state: ${match}`,
    }),
    broken: {
      files: {
        'a.ts': [
          'let a = 1',
          'const b = new Map<string, C>()',
          "const d = new Set(['e'])",
          'const f = () => {',
          '  let g = 1',
          '}',
          'const h: string[] = []',
          'const i: readonly string[] = []',
          'const j = new WeakMap<Request, K>()',
        ].join('\n'),
        'a.test.ts': 'let server: Server',
      },
      places: ['a.ts:1', 'a.ts:2', 'a.ts:7'],
    },
  },
]

/** A comment may stand above the statement, or one line higher when the statement is broken in two. */
const commentLinesAbove = 2

const isCast = (line: string): boolean => /\sas\s+(?!const\b)/.test(line.replace(notCasts, ''))

// Names that are changed on import, and keys of mapped types.
const notCasts = /^\s*import\b.*|^\s*(?:type )?\w+ as \w+,$|\bin\s[^\]]*\]/
