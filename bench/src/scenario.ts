import type { AccountSystem } from './system.ts'
import type { Row, Turns } from './turns.ts'

/** How much is measured. */
export type Size = Turns & {
  /** Requests of a round that are good for one answer: each has to be prepared by a login. */
  readonly onceMax: number
  /** Requests of a round of the day. */
  readonly dayMax: number
  readonly starts: number
  /** Requests before memory is looked at again, and how long the slower ones are given for them. */
  readonly memoryRequests: number
  readonly memorySeconds: number
}

/** A system that runs, what it held before its first request, by process; or why it does not run. */
export type Started =
  | { readonly system: AccountSystem; readonly idleMegabytes: Readonly<Record<string, number>> }
  | { readonly name: string; readonly absent: string }

/** What a scenario may use. */
export type Stage = {
  readonly size: Size
  /** The systems with accounts, all running, the same in every scenario. */
  readonly systems: () => Promise<readonly Started[]>
  /** Whether this contender was asked for. */
  readonly isWanted: (name: string) => boolean
}

/** What is printed of a scenario. */
export type Table = {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** What went wrong with any of the rows; they say it too. */
  readonly failures?: readonly string[]
}

/** What a scenario has shown: rows of load, measured in turns, or a table of its own. */
export type Found =
  | { readonly rows: readonly Row[]; readonly baseline: string; readonly limit?: string }
  | { readonly table: Table }

/** Something that is measured. */
export type Scenario = {
  readonly name: string
  /** A sentence or two: what is sent, and what is not in the figures. */
  readonly about: string
  readonly run: (stage: Stage) => Promise<Found>
}
