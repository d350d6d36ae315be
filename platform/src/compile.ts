import { glob, readFile } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * Loads the program whole, with what is otherwise loaded only where it is needed, so that Node's compile cache has all
 * of it. Whoever starts without it there holds some 20 MB more for as long as it lives: the type stripper, which is
 * loaded for the first file that is missing.
 */
export const compile = async (): Promise<void> => {
  const files = glob(['platform/src/**/*.ts', 'packages/*/src/**/*.ts', 'services/*/src/**/*.ts'], { cwd: root })
  for await (const file of files) {
    if (file.endsWith('.test.ts')) continue
    const path = join(root, file)
    const { resolve } = createRequire(path)
    for (const [, name = ''] of (await readFile(path, 'utf8')).matchAll(loadedLater)) {
      if (!isBuiltin(name)) await import(pathToFileURL(resolve(name)).href)
    }
  }
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Not that of a type alone. */
const loadedLater = /(?<!typeof )\bimport\('([^']+)'\)/g
