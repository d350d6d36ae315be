import type { Tree } from './tree.ts'

/** One workspace: a folder with a package.json of its own. */
export type Workspace = {
  readonly name: string
  /** Where it lies: '' is the root. */
  readonly folder: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** All workspaces of the tree, and the root. */
export const workspacesOf = ({ files }: Tree): readonly Workspace[] =>
  files
    .filter(({ path }) => /(?:^|\/)package\.json$/.test(path))
    .map(({ path, text }) => {
      // npm has read it before us; what is missing is filled in here.
      const { name = '', dependencies = {}, devDependencies = {} } = JSON.parse(text) as Partial<Workspace>
      return { name, folder: path.replace(/\/?package\.json$/, ''), dependencies, devDependencies }
    })

/** The workspace that a file belongs to: the nearest above it. */
export const ownerOf = (path: string, workspaces: readonly Workspace[]): Workspace | undefined =>
  workspaces
    .filter(({ folder }) => folder === '' || path.startsWith(`${folder}/`))
    .toSorted((a, b) => b.folder.length - a.folder.length)[0]

/** What kind of house a workspace is: the first folder of its path. */
export const kindOf = ({ folder }: Workspace): string => folder.split('/')[0] ?? ''
