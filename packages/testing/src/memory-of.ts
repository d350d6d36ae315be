import { readFileSync } from 'node:fs'

/**
 * Megabytes that a process holds now (`VmRSS`), or the most that it has held at a time (`VmHWM`; proc_pid_status(5)).
 * Throws when there is no such process, or no more than its end to be waited for.
 */
export const memoryOf = (pid: number, what: 'VmRSS' | 'VmHWM' = 'VmRSS'): number => {
  const [, kilobytes] =
    new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  if (kilobytes === undefined) throw new Error(`process ${pid} holds no memory`)
  return Number(kilobytes) / 1_024
}
