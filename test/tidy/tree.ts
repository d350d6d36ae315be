import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Views, viewsOf } from './views.ts'

/** A file of the repository. One that is not TypeScript has no code to look at: all of it is said to people. */
export type File = Views & {
  /** From the root of the repository, with slashes. */
  readonly path: string
  readonly text: string
}

/** The repository's files as the rules see them. */
export type Tree = {
  readonly files: readonly File[]
  readonly at: (path: string) => File | undefined
  /** Whether there is a file or a folder of this path. */
  readonly has: (path: string) => boolean
}

/** Makes a tree of texts by path. */
export const treeOf = (texts: Readonly<Record<string, string>>): Tree => {
  const files = Object.entries(texts).map(([path, text]) => ({ path, text, ...views(path, text) }))
  const byPath = new Map(files.map((file) => [file.path, file]))
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path)))
  return { files, at: (path) => byPath.get(path), has: (path) => byPath.has(path) || folders.has(path) }
}

/**
 * Reads what git tracks or would track in this folder. Files that are not text come as empty ones: only their names are
 * looked at.
 */
export const readTree = (root: string): Tree => {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: listingBytesMax,
  })
  const paths = new Set(listed.split('\0').filter((path) => isFile(join(root, path))))
  return treeOf(Object.fromEntries([...paths].map((path) => [path, readText(join(root, path))])))
}

/** The line, counted from 1, that this place of the file is on. */
export const lineOf = ({ text }: File, index: number): number => {
  let line = 1
  for (let end = text.indexOf('\n'); end !== -1 && end < index; end = text.indexOf('\n', end + 1)) line += 1
  return line
}

const listingBytesMax = 16 * 1024 * 1024

// A file that git still lists may be gone from the disk: then its removal is on its way.
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

const readText = (path: string): string => {
  const text = readFileSync(path, 'utf8')
  return text.includes('\0') ? '' : text
}

const views = (path: string, text: string): Views =>
  path.endsWith('.ts') ? viewsOf(text) : { code: '', spoken: '', comments: text }

const foldersOf = (path: string): readonly string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_name, index, names) => names.slice(0, index + 1).join('/'))
