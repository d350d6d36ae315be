import { statSync } from 'node:fs'
import { limits } from './limits.ts'

/**
 * Says why a running process should not read what is at this path now, if so. A pipe would be waited for without end,
 * which a stop would wait for in turn; a device or a log that was put there by mistake would fill the memory.
 */
export const whyNotRead = (path: string): string | undefined => {
  const found = statSync(path, { throwIfNoEntry: false })
  // Whoever reads it will say so in better words.
  if (found === undefined) return undefined
  if (!found.isFile()) return `${path}: is not a file`
  if (found.size > limits.fileBytesMax) return `${path}: is larger than ${limits.fileBytesMax} bytes`
  return undefined
}
