import { importsOf } from './imports.ts'
import { isForTests } from './places.ts'
import type { Rule } from './rule.ts'
import { lineOf, type File } from './tree.ts'
import { ownerOf, workspacesOf } from './workspaces.ts'

/** Every package.json says what its workspace uses: all of it, and nothing else. */
export const dependencies: readonly Rule[] = [
  {
    // The image is installed without devDependencies: what is missing here works on every machine but that one.
    name: 'what is imported is declared in the package.json of the workspace',
    find: (tree) => {
      const workspaces = workspacesOf(tree)
      const root = workspaces.find(({ folder }) => folder === '')
      return tree.files.flatMap((file) => {
        const owner = ownerOf(file.path, workspaces)
        if (owner === undefined) return []
        // What tests alone use may be declared once for all of them, in the root.
        const forTests = isForTests(file) ? { ...root?.devDependencies, ...owner.devDependencies } : {}
        const declared = { ...owner.dependencies, ...forTests, [owner.name]: '*' }
        return importsOf(file)
          .filter(({ module }) => !/^(?:\.|\/|node:)/.test(module) && !Object.hasOwn(declared, module))
          .map(({ module, line }) => ({
            path: file.path,
            line,
            what: `imports ${module}, which ${owner.name} does not declare`,
          }))
      })
    },
    broken: {
      files: {
        'package.json': '{ "devDependencies": { "fast-check": "1.0.0" } }',
        'packages/p/package.json':
          '{ "dependencies": { "declared": "1.0.0" }, "devDependencies": { "jose": "1.0.0" } }',
        'packages/p/src/p.ts': "import 'declared/part'\nimport 'undeclared/part'\nimport 'jose'\nimport 'node:fs'",
        'packages/p/src/p.test.ts': "import 'fast-check'\nimport 'jose'\nimport '@scope/undeclared/part'",
      },
      places: ['packages/p/src/p.test.ts:3', 'packages/p/src/p.ts:2', 'packages/p/src/p.ts:3'],
    },
  },
  {
    name: 'what is declared is used',
    find: (tree) => {
      const workspaces = workspacesOf(tree)
      // The root declares tools for `make check`, which call each other: knip knows them.
      return workspaces
        .filter(({ folder }) => folder !== '' && !isPeers(folder))
        .flatMap((workspace) => {
          const files = tree.files.filter(({ path }) => ownerOf(path, workspaces) === workspace)
          const used = new Set(files.flatMap((file) => importsOf(file).map(({ module }) => module)))
          // A logger loads its formatter by name, in a thread of its own.
          const isNamed = (name: string): boolean => files.some(({ spoken }) => spoken.includes(`'${name}'`))
          // The types of a library are used where it is.
          const isImported = (name: string): boolean => used.has(name.replace(/^@types\//, ''))
          return Object.keys({ ...workspace.dependencies, ...workspace.devDependencies })
            .filter((name) => !isImported(name) && !isNamed(name))
            .map((name) => ({
              ...declarationOf(name, tree.at(`${workspace.folder}/package.json`)),
              what: `${name} is not used`,
            }))
        })
    },
    broken: {
      files: {
        'packages/p/package.json':
          '{ "dependencies": {\n  "used": "1.0.0",\n  "named": "1.0.0",\n  "unused": "1.0.0" } }',
        'packages/p/src/p.ts': "import { u } from 'used/part'\nload('named')",
      },
      places: ['packages/p/package.json:4'],
    },
  },
  {
    // A range lets a stranger decide when our dependency changes; two versions are two behaviours.
    name: 'a dependency has one exact version in all workspaces',
    find: (tree) => {
      const all = workspacesOf(tree).flatMap(({ folder, dependencies, devDependencies }) =>
        Object.entries({ ...dependencies, ...devDependencies }).map(([name, version]) => ({
          name,
          version,
          file: tree.at(folder === '' ? 'package.json' : `${folder}/package.json`),
        })),
      )
      return all.flatMap(({ name, version, file }) => {
        const isOurs = name.startsWith('@gatehouse/')
        const others = all.filter((other) => other.name === name && other.version !== version)
        const isWell = isOurs ? version === '*' : /^\d+\.\d+\.\d+$/.test(version) && others.length === 0
        return isWell ? [] : [{ ...declarationOf(name, file), what: `${name} ${version} is not the one exact version` }]
      })
    },
    broken: {
      files: {
        'package.json': '{ "devDependencies": { "a": "1.0.0" } }',
        'packages/p/package.json': '{ "dependencies": {\n  "a": "2.0.0",\n  "b": "^1.0.0",\n  "@gatehouse/q": "*" } }',
      },
      places: ['package.json:1', 'packages/p/package.json:2', 'packages/p/package.json:3'],
    },
  },
]

/** No workspace of ours: scripts in plain JavaScript, which these rules do not read. */
const isPeers = (folder: string): boolean => folder === 'bench/peers'

const declarationOf = (name: string, file: File | undefined): { readonly path: string; readonly line: number } =>
  file === undefined
    ? { path: 'package.json', line: 1 }
    : { path: file.path, line: lineOf(file, file.text.indexOf(`"${name}":`)) }
