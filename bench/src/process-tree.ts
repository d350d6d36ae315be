import { readdirSync, readFileSync } from 'node:fs'

/** A process, as the operating system accounts for it. */
export type AccountedProcess = { readonly pid: number; readonly ticks: number }

/** These processes and all their descendants, as far as they live. */
export const processTree = (pids: readonly number[]): readonly AccountedProcess[] => {
  const all = readProcesses()
  const counted = new Set(pids)
  // Parents come before their children here only by chance: looked through until nobody is added.
  for (let size = 0; size !== counted.size;) {
    size = counted.size
    for (const { pid, parent } of all) if (counted.has(parent)) counted.add(pid)
  }
  return all.filter(({ pid }) => counted.has(pid))
}

type Process = AccountedProcess & { readonly parent: number }

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
