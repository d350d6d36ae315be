import type { Started, Table } from './scenario.ts'

/** What a system is to be measured as: running. */
export type Running = Extract<Started, { readonly system: unknown }>

/**
 * A table with a row for each system behind its name, in the order of `head`; a row of words, and a failure where it is
 * one, for a system that is absent or could not be measured.
 */
export const rowEach = async (
  all: readonly Started[],
  head: readonly string[],
  rowOf: (running: Running) => Promise<readonly string[] | { readonly absent: string }>,
): Promise<Table> => {
  const failures: string[] = []
  const inWords = (name: string, words: string): readonly string[] => head.map((_, at) => [name, words][at] ?? '')
  const rowFor = async (started: Started): Promise<readonly string[]> => {
    if ('absent' in started) return inWords(started.name, `absent: ${started.absent}`)
    const { name } = started.system
    try {
      const row = await rowOf(started)
      return 'absent' in row ? inWords(name, `absent: ${row.absent}`) : [name, ...row]
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error)
      failures.push(`${name}: ${failure}`)
      return inWords(name, `ERROR: ${failure}`)
    }
  }
  const rows: (readonly string[])[] = []
  for (const started of all) rows.push(await rowFor(started))
  return { head, rows, failures }
}
