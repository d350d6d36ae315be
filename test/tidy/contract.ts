import { isIn, isSource, isTest } from './places.ts'
import type { Facts, Rule } from './rule.ts'
import type { Tree } from './tree.ts'

/** What the contract promises is done, tested and used. */
export const contract: readonly Rule[] = [
  {
    // That a handler is there at all, the compiler knows. The rule is that the listing of a service's folder tells what
    // it does.
    name: 'every operation is answered by a file of its service that is named as its handler',
    find: (tree, { operations }) =>
      operations.flatMap((operation) => {
        const { service, name } = operation
        const path = `services/${service}/src/${service}.ts`
        const handler = handlerOf(operation, tree)
        const file = handler === undefined ? undefined : tree.at(fileOf(service, handler))
        const isThere = file !== undefined && new RegExp(`^export const ${handler}\\b`, 'm').test(file.code)
        return isThere || isAnsweredByPath(operation, tree)
          ? []
          : [{ path, line: 1, what: `has no file for the operation ${name}` }]
      }),
    broken: {
      files: {
        'services/a/src/a.ts':
          'const handlers = {\n  read: readIt(ports),\n  write: writeIt(ports),\n  drop: dropIt(ports),\n}',
        'services/a/src/read-it.ts': 'export const readIt = () => {}',
        'services/a/src/drop-it.ts': 'export const drop = () => {}',
        'services/b/src/own.ts': 'const rows = { [bOperations.health.path]: answer }',
      },
      facts: {
        operations: [
          ...['read', 'write', 'drop'].map((name) => ({ service: 'a', name, method: 'GET', path: '/a' })),
          ...['health', 'jwks'].map((name) => ({ service: 'b', name, method: 'GET', path: '/b' })),
        ],
      },
      places: ['services/a/src/a.ts:1', 'services/a/src/a.ts:1', 'services/b/src/b.ts:1'],
    },
  },
  {
    name: 'every operation has a test: beside its file, or one that calls it',
    find: (tree, { operations }) =>
      operations.flatMap((operation) => {
        const { service, name, method, path } = operation
        const handler = handlerOf(operation, tree)
        const isBeside = handler !== undefined && tree.has(fileOf(service, handler).replace(/\.ts$/, '.test.ts'))
        // `POST /auth/login`, `post('/auth/login'` or `['POST', '/auth/login'`.
        const call = new RegExp(`\\b${method}[^\\w/]{1,6}${escaped(path)}(?![\\w/-])`, 'i')
        const tests = tree.files.filter((file) => isTest(file) && isIn('test/system', `services/${service}`)(file))
        if (isBeside || tests.some(({ spoken }) => call.test(spoken))) return []
        return [
          { path: `services/${service}/src/${service}.ts`, line: 1, what: `has no test of ${name}: ${method} ${path}` },
        ]
      }),
    broken: {
      files: {
        'services/a/src/a.ts': 'const handlers = {\n  read: readIt(ports),\n  write: writeIt(ports),\n}',
        'services/a/src/read-it.test.ts': '',
        'services/a/src/a.test.ts': "test('PUT /a writes', body) // DELETE /a",
        'test/system/a.ts': "client.post('/a', {})\nclient.get('/ab')",
      },
      facts: {
        operations: [
          { service: 'a', name: 'read', method: 'GET', path: '/a' },
          { service: 'a', name: 'write', method: 'PUT', path: '/a' },
          { service: 'a', name: 'make', method: 'POST', path: '/a' },
          { service: 'a', name: 'drop', method: 'DELETE', path: '/a' },
          { service: 'b', name: 'list', method: 'GET', path: '/a' },
        ],
      },
      places: ['services/a/src/a.ts:1', 'services/b/src/b.ts:1'],
    },
  },
  {
    name: 'every refusal is made somewhere',
    find: (tree, { refusalCodes }) => {
      const sources = tree.files.filter((file) => isSource(file) && !isIn('contract')(file))
      return refusalCodes
        .filter((code) => !sources.some(({ spoken }) => spoken.includes(`'${code}'`)))
        .map((code) => ({ path: refusalsFile, line: lineOfRow(code, tree), what: `nothing refuses with ${code}` }))
    },
    broken: {
      files: {
        'contract/src/refusals.ts': "export const refusals = {\n  'a-b': {},\n  'c-d': {},\n}",
        'contract/src/auth.ts': "refusals: ['c-d']",
        'services/a/src/a.ts': "throw refuse('a-b') // 'c-d'",
        'services/a/src/a.test.ts': "'c-d'",
      },
      facts: { refusalCodes: ['a-b', 'c-d'] },
      places: ['contract/src/refusals.ts:3'],
    },
  },
]

type Operation = Facts['operations'][number]

const refusalsFile = 'contract/src/refusals.ts'

/** The function that the service's table of handlers names for the operation. */
const handlerOf = ({ service, name }: Operation, { at }: Tree): string | undefined =>
  new RegExp(`^\\s*${name}: (\\w+)\\(`, 'm').exec(at(`services/${service}/src/${service}.ts`)?.code ?? '')?.[1]

const fileOf = (service: string, handler: string): string =>
  `services/${service}/src/${handler.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`

/** The gateway has no table of handlers: it answers by path, before it routes. */
const isAnsweredByPath = ({ service, name }: Operation, { files }: Tree): boolean =>
  files.some(
    (file) => isSource(file) && isIn(`services/${service}`)(file) && file.code.includes(`Operations.${name}.path]:`),
  )

const lineOfRow = (code: string, { at }: Tree): number => {
  const [before = ''] = (at(refusalsFile)?.text ?? '').split(`'${code}': {`)
  return before.split('\n').length
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
