import { readFile } from 'node:fs/promises'
import type { ParsedRoutes } from '@gatehouse/api-gateway/route-file.ts'

/** Reads the route file at this path. A file that cannot be read has that as its one fault. */
export const readRouteFile = async (path: string): Promise<ParsedRoutes> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    // What the system says of a file holds no secret: ENOENT, EACCES, EISDIR.
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return { faults: [`${path}: cannot be read (${why})`] }
  }
  // With its YAML parser loaded only where there is a file.
  const { parseRoutes } = await import('@gatehouse/api-gateway/route-file.ts')
  return parseRoutes(text, path)
}
