import { dirname, join } from 'node:path/posix'
import { importsOf, type Import } from './imports.ts'
import { isForTests } from './places.ts'
import type { Rule } from './rule.ts'
import type { File, Tree } from './tree.ts'
import { kindOf, ownerOf, workspacesOf, type Workspace } from './workspaces.ts'

/** Who may import whom among our own workspaces. Read it from the top: each stands only on those above. */
const standsOn: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  packages: ['contract', 'packages'],
  services: ['contract', 'packages'],
  platform: ['contract', 'packages', 'services'],
  bench: ['contract', 'packages', 'services', 'platform'],
  test: ['contract', 'packages', 'services', 'platform', 'bench'],
  clients: ['contract', 'packages'],
}

/** Where one workspace ends and another begins. */
export const borders: readonly Rule[] = [
  {
    name: 'a workspace imports only what stands below it: services never services, packages never services',
    find: (tree) =>
      imports(tree).flatMap(({ file, found, owner, imported }) => {
        if (imported === undefined || imported === owner) return []
        const isAllowed = (standsOn[kindOf(owner)] ?? []).includes(kindOf(imported))
        const isTestHelp = imported.folder === 'packages/testing'
        if (isTestHelp ? isForTests(file) : isAllowed) return []
        const why = isTestHelp
          ? 'packages/testing is for tests'
          : `${kindOf(owner)} does not stand on ${kindOf(imported)}`
        return [{ path: file.path, line: found.line, what: `imports ${found.specifier}: ${why}` }]
      }),
    broken: {
      files: {
        'services/a/package.json': '{ "name": "@gatehouse/a" }',
        'services/b/package.json': '{ "name": "@gatehouse/b" }',
        'packages/p/package.json': '{ "name": "@gatehouse/p" }',
        'packages/testing/package.json': '{ "name": "@gatehouse/testing" }',
        'services/a/src/a.ts': "import type { B } from '@gatehouse/b/b.ts'\nimport { p } from '@gatehouse/p/p.ts'",
        'services/a/src/a.test.ts':
          "import { t } from '@gatehouse/testing/t.ts'\nimport { b } from '@gatehouse/b/b.ts'",
        'packages/p/src/p.ts': "import '@gatehouse/testing/t.ts'\nawait import('@gatehouse/a/a.ts')",
      },
      places: ['packages/p/src/p.ts:1', 'packages/p/src/p.ts:2', 'services/a/src/a.test.ts:2', 'services/a/src/a.ts:1'],
    },
  },
  {
    name: 'a package serves any contract: it imports no operation',
    find: (tree) =>
      imports(tree)
        .filter(({ file, owner }) => kindOf(owner) === 'packages' && !isForTests(file))
        // Bounds and events are shared words; a table of operations, or the type of its handlers, is one service's own.
        .filter(({ found }) => /^@gatehouse\/contract\/(?:auth|users|gateway)\.ts$/.test(found.specifier))
        .filter(({ found }) => /\b(?:\w+Operations|Auth|Users|Gateway)\b/.test(found.clause))
        .map(({ file, found }) => ({
          path: file.path,
          line: found.line,
          what: `imports operations from ${found.specifier}`,
        })),
    broken: {
      files: {
        'packages/p/package.json': '{ "name": "@gatehouse/p" }',
        'packages/p/src/p.ts': [
          "import { accountLimits } from '@gatehouse/contract/auth.ts'",
          "import { authOperations } from '@gatehouse/contract/auth.ts'",
          "import type { Operations } from '@gatehouse/contract/operation.ts'",
        ].join('\n'),
      },
      places: ['packages/p/src/p.ts:2'],
    },
  },
  {
    name: 'a relative import stays in its workspace',
    find: (tree) =>
      imports(tree)
        .filter(({ found }) => /^\.|^\//.test(found.specifier))
        .filter(({ file, found, owner, workspaces }) => {
          const path = join(dirname(file.path), found.specifier)
          return found.specifier.startsWith('/') || path.startsWith('..') || ownerOf(path, workspaces) !== owner
        })
        .map(({ file, found }) => ({
          path: file.path,
          line: found.line,
          what: `leaves its workspace: ${found.specifier}`,
        })),
    broken: {
      files: {
        'packages/p/package.json': '{ "name": "@gatehouse/p" }',
        'packages/q/package.json': '{ "name": "@gatehouse/q" }',
        'packages/p/src/p.ts': "import { q } from '../../q/src/q.ts'\nimport { r } from '../r.ts'",
      },
      places: ['packages/p/src/p.ts:1'],
    },
  },
]

type Seen = {
  readonly file: File
  readonly found: Import
  readonly owner: Workspace
  /** The workspace that is imported, when it is one of ours. */
  readonly imported: Workspace | undefined
  readonly workspaces: readonly Workspace[]
}

const imports = (tree: Tree): readonly Seen[] => {
  const workspaces = workspacesOf(tree)
  return tree.files.flatMap((file) => {
    const owner = ownerOf(file.path, workspaces)
    if (owner === undefined) return []
    return importsOf(file).map((found) => {
      const imported = workspaces.find(({ name }) => name === found.module)
      return { file, found, owner, imported, workspaces }
    })
  })
}
