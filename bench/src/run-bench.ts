import { memoryByProcess } from './memory.ts'
import type { Found, Scenario, Size, Started } from './scenario.ts'
import type { AccountSystem } from './system.ts'

/** A system with accounts, to be started. */
export type Starter = { readonly name: string; readonly start: () => Promise<AccountSystem> }

/** What is measured, of whom, and how much. */
export type BenchPlan = {
  readonly scenarios: readonly Scenario[]
  readonly starters: readonly Starter[]
  readonly size: Size
  /** Whether this contender was asked for. */
  readonly isWanted: (name: string) => boolean
}

/** A scenario and what it has shown, or what went wrong with all of it. */
export type Section = { readonly scenario: Scenario; readonly found: Found | { readonly failed: string } }

/** Runs the scenarios one after the other, each section as soon as it is known; ends what was started for them. */
export async function* runBench({ scenarios, starters, size, isWanted }: BenchPlan): AsyncGenerator<Section> {
  await using ending = new AsyncDisposableStack()
  let running: Promise<readonly Started[]> | undefined
  const startAll = async (): Promise<readonly Started[]> => {
    const all: Started[] = []
    for (const starter of starters.filter(({ name }) => isWanted(name))) all.push(await started(starter, ending))
    return all
  }
  // Only once a scenario asks for them, and once for all of them.
  const systems = (): Promise<readonly Started[]> => (running ??= startAll())
  for (const scenario of scenarios) {
    const found = await scenario
      .run({ size, systems, isWanted })
      .catch((error: unknown) => ({ failed: error instanceof Error ? error.message : String(error) }))
    yield { scenario, found }
  }
}

/** What went wrong in a section, of whomever: its page has a row that says it, and who ran it must hear of it. */
export const failuresOf = ({ scenario, found }: Section): readonly string[] => {
  const failures =
    'failed' in found
      ? [found.failed]
      : 'table' in found
        ? (found.table.failures ?? [])
        : found.rows.flatMap(({ name, failed }) => (failed === undefined ? [] : [`${name}: ${failed}`]))
  return failures.map((failure) => `${scenario.name}: ${failure}`)
}

/** What cannot be started is absent, and says why. */
const started = async ({ name, start }: Starter, ending: AsyncDisposableStack): Promise<Started> => {
  try {
    const system = await start()
    ending.defer(system.stop)
    return { system, idleMegabytes: memoryByProcess(system.processes) }
  } catch (error) {
    return { name, absent: error instanceof Error ? error.message : String(error) }
  }
}
