import type { RunningProcess } from '@gatehouse/testing/processes.ts'
import type { Client } from './client.ts'
import type { OwnService } from './own-service.ts'

/** What a process of Gatehouse was started as. */
export type Role = 'all' | 'auth-service' | 'user-service' | 'api-gateway'

/** One process of Gatehouse, with the same ports and settings every time it is started. */
export type Replica = {
  readonly role: Role
  /** Speaks to its public port. */
  readonly client: Client
  /** Speaks to its admin port. */
  readonly admin: Client
  /** The process that runs now, or ran last. */
  readonly process: () => RunningProcess
  /** Starts it, again after it has ended, and waits until it says that it is ready. */
  readonly start: () => Promise<void>
  /** Starts it without waiting. */
  readonly spawn: () => RunningProcess
  /** `kill -9`, if it runs. */
  readonly kill: () => Promise<void>
  /** Everything that it has printed, in all its lives. */
  readonly logs: () => string
}

/** A running Gatehouse, seen from outside. Suites know nothing else of it, so they hold for every world. */
export type World = {
  /** Through which everyone comes. */
  readonly gateway: Client
  /** Another gateway of the same house; the same one where there is only one. */
  readonly otherGateway: Client
  /** Every port that serves this service's operations: all gateways, and its own replicas where they listen. */
  readonly doorsTo: (service: 'auth-service' | 'user-service') => readonly Client[]
  /** All processes, or those of one role. */
  readonly replicas: (role?: Role) => readonly Replica[]
  /** A service of one's own behind the gateways: see `own-service.ts`. */
  readonly ownService: OwnService
  /** All that was printed by any process. */
  readonly logs: () => string
  /** What the processes were told and must tell nobody: keys and the passwords in addresses. */
  readonly secrets: readonly string[]
  /** Ends everything and removes its data. */
  readonly stop: () => Promise<void>
}

/** Stands in every password, cookie and bogus credential that the suites send: no log may hold it. */
export const secretMark = 'hush-'

/** The parts of an address that are secret. */
export const passwordIn = (url: string): readonly string[] => {
  const { password } = new URL(url)
  return password === '' ? [] : [password, decodeURIComponent(password)]
}
