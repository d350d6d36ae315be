import { readFileSync, readdirSync, readlinkSync } from 'node:fs'

/** The TCP ports that a process listens on, ascending, as Linux's own books have it. */
export const listeningPorts = (pid: number): readonly number[] => {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => socketOf(`/proc/${pid}/fd/${fd}`) ?? []))
  return ['tcp', 'tcp6']
    .flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1))
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === listen && own.has(inode ?? ''))
    .map(([, local = '']) => parseInt(local.split(':').at(-1) ?? '', 16))
    .toSorted((a, b) => a - b)
}

const listen = '0A'

const socketOf = (path: string): string | undefined => {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1]
  } catch {
    // Closed since the folder was read.
    return undefined
  }
}
