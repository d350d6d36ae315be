import type { File } from './tree.ts'

/** A file that runs only in tests. A suite is a test that several adapters share; `testing` holds what tests need. */
export const isForTests = ({ path }: File): boolean =>
  isTest({ path }) || /^(?:test|bench)\/|(?:^|\/)testing(?:\/|\.ts$)/.test(path)

/** A file of tests. */
export const isTest = ({ path }: Pick<File, 'path'>): boolean =>
  /(?:\.test|-suite)\.ts$|^test\/system\/.*\.ts$/.test(path)

/** TypeScript that runs in production. */
export const isSource = (file: File): boolean => file.path.endsWith('.ts') && !isForTests(file)

/** Tells whether a file lies in one of these folders, or is one of these files. */
export const isIn =
  (...places: readonly string[]) =>
  ({ path }: Pick<File, 'path'>): boolean =>
    places.some((place) => path === place || path.startsWith(`${place}/`))
