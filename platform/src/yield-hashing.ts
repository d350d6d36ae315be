import { readdirSync, readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setPriority } from 'node:os'

/**
 * Lets the threads that hash passwords go behind every other thread that wants a core: a flood of logins then takes
 * what reads leave, where it had taken turns with them. Answers how many threads it has told; none where the operating
 * system has no priority for a single thread (all but Linux).
 *
 * They are libuv's, so files and DNS go behind too, for as long as all cores are taken.
 */
export const yieldHashing = async (niceness: number): Promise<number> => {
  // The pool is started by the first who asks it for something.
  await stat('.')
  return poolThreads().filter((id) => lowered(id, niceness)).length
}

const poolThreads = (): readonly number[] => {
  try {
    return readdirSync(tasks)
      .filter((id) => readFileSync(`${tasks}/${id}/comm`, 'utf8').trim() === 'libuv-worker')
      .map(Number)
  } catch {
    return []
  }
}

const lowered = (id: number, niceness: number): boolean => {
  try {
    setPriority(id, niceness)
    return true
  } catch {
    return false
  }
}

const tasks = '/proc/self/task'
