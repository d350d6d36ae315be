import { unwatchFile, watchFile } from 'node:fs'
import { limits } from './limits.ts'

/**
 * Tells whenever the file at this path has become another: written in place, replaced by a rename as editors do, or
 * behind a symbolic link that leads elsewhere now, as in a Kubernetes ConfigMap. Answers how to stop.
 *
 * It asks the file system instead of being told by it: notices do not come from network and overlay file systems, nor
 * from the other end of a link.
 */
export const followFile = (path: string, changed: () => void): (() => void) => {
  let settling: NodeJS.Timeout | undefined
  const look = (): void => {
    // Half a file may well be sound, and lack the routes of the other half: whoever writes gets a moment to finish.
    clearTimeout(settling)
    settling = setTimeout(changed, limits.fileSettleMs)
  }
  // Whoever read the file before has not seen what was written since.
  look()
  watchFile(path, { interval: limits.fileLookMs, persistent: false }, look)
  return () => {
    clearTimeout(settling)
    unwatchFile(path, look)
  }
}
