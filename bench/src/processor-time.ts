import { readdirSync, readFileSync } from 'node:fs'

/**
 * Microseconds of processor time that these processes and all their descendants have used so far, in user and kernel
 * mode, by the operating system's own accounting: steps of 10 ms.
 */
export const processorMicroseconds = (pids: readonly number[]): number => {
  const all = readProcesses()
  const counted = new Set(pids)
  // Parents come before their children here only by chance: looked through until nobody is added.
  for (let size = 0; size !== counted.size;) {
    size = counted.size
    for (const { pid, parent } of all) if (counted.has(parent)) counted.add(pid)
  }
  return all.reduce((sum, { pid, ticks }) => sum + (counted.has(pid) ? ticks * microsecondsPerTick : 0), 0)
}

/** Of Linux' accounting, whatever its own clock does: USER_HZ is 100 on every architecture that Node runs on. */
const microsecondsPerTick = 10_000

type Process = { readonly pid: number; readonly parent: number; readonly ticks: number }

const readProcesses = (): readonly Process[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? [])

const readProcess = (pid: number): Process | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // After the name, which may hold anything, a parenthesis too: state, parent, …, user and system time.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    // It ended while we looked.
    return undefined
  }
}
