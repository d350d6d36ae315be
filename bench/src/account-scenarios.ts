import { call } from './call.ts'
import { dayOf } from './day.ts'
import { hashingAlone } from './hashing-alone.ts'
import { measure } from './measure.ts'
import type { Scenario, Size, Started } from './scenario.ts'
import type { AccountSystem, BenchRequest, Operation } from './system.ts'
import { takeTurns, type Entrant, type Round } from './turns.ts'

/** One scenario for each operation on an account, and a day of all of them. */
export const accountScenarios = (): readonly Scenario[] => [
  ofOperation('profile-read', 'The caller’s profile through the gateway, with a valid token.'),
  ofOperation('profile-write', 'The caller’s profile is written, through the gateway.'),
  ofOperation('validate', 'Whether a token is good, asked of the service that knows.'),
  {
    name: 'login',
    about: 'With the right password. The limit is hashing alone: the same library and cost, and nothing else.',
    run: async (stage) => {
      const found = await entrantsOf('login', stage)
      const alone = hashingAlone()
      const entrants = stage.isWanted(alone.name) ? [...found, alone] : found
      return { rows: await takeTurns(entrants, stage.size), baseline, limit: alone.name }
    },
  },
  ofOperation('refresh', 'Each refresh token once; the logins before it are not in the figures.'),
  ofOperation('register', 'A new account each.'),
  ofOperation('logout', 'Each session once; the logins before it are not in the figures.'),
  {
    name: 'day',
    about:
      'Of 1,000 requests: 900 reads and 42 writes of a profile, 40 validations, 10 logins, 4 refreshes, 2 ' +
      'registrations, 2 logouts. A profile is read instead where a system has no such operation.',
    run: async ({ size, systems }) => {
      const entrants = (await systems()).map((started) => entrantOf(started, (system) => daysOf(system, size)))
      return { rows: await takeTurns(await Promise.all(entrants), size), baseline }
    },
  },
]

/** Whose figures the others are multiples of. */
const baseline = 'reference'

/** Different people, where requests may repeat. */
const people = 48

/** Good for one answer each. */
const isOnce = (operation: Operation): boolean => ['refresh', 'register', 'logout'].includes(operation)

/** Where a password is hashed, more would only wait: for the seconds of patience that a service has. */
const connectionsOf = (operation: Operation): number => (isOnce(operation) || operation === 'login' ? 8 : 48)

const ofOperation = (name: Operation, about: string): Scenario => ({
  name,
  about,
  run: async (stage) => ({ rows: await takeTurns(await entrantsOf(name, stage), stage.size), baseline }),
})

const entrantsOf = async (
  operation: Operation,
  { size, systems }: Parameters<Scenario['run']>[0],
): Promise<readonly Entrant[]> => {
  const started = await systems()
  // One after the other: to prepare is work for the same machine.
  const entrants: Entrant[] = []
  for (const each of started) entrants.push(await entrantOf(each, (system) => roundsOf(system, operation, size)))
  return entrants
}

type RoundOf = (seconds: number) => Promise<Round>

const entrantOf = async (
  started: Started,
  make: (system: AccountSystem) => Promise<RoundOf | { readonly absent: string }>,
): Promise<Entrant> => {
  if ('absent' in started) return started
  const { name } = started.system
  try {
    const round = await make(started.system)
    return 'absent' in round ? { name, absent: round.absent } : { name, round }
  } catch (error) {
    return { name, round: () => Promise.reject(error instanceof Error ? error : new Error(String(error))) }
  }
}

const roundsOf = async (
  system: AccountSystem,
  operation: Operation,
  { onceMax }: Size,
): Promise<RoundOf | { readonly absent: string }> => {
  const connections = connectionsOf(operation)
  const requests = await system.prepare(operation, isOnce(operation) ? 1 : people)
  if ('absent' in requests) return requests
  // wrk counts a redirect as an answer, and does not show what else it was told.
  for (const request of requests.slice(0, 1)) await call(system.port, request)
  if (!isOnce(operation)) return (seconds) => measure(system, { requests, connections, seconds })
  return async (seconds) => {
    const fresh = presentOf(await system.prepare(operation, onceMax))
    return measure(system, { requests: fresh, requestsMax: fresh.length, connections, seconds })
  }
}

/** Fewer than on other days: some of them log in. */
const dayConnections = 16

const daysOf = async (system: AccountSystem, size: Size): Promise<RoundOf | { readonly absent: string }> => {
  // Most of a day: without it there is none.
  const reads = await system.prepare('profile-read', 1)
  return 'absent' in reads ? reads : (seconds) => dayRound(system, size, seconds)
}

const dayRound = async (system: AccountSystem, { dayMax }: Size, seconds: number): Promise<Round> => {
  const requests = await dayOf(system, dayMax, people)
  return measure(system, { requests, requestsMax: requests.length, connections: dayConnections, seconds })
}

const presentOf = (requests: readonly BenchRequest[] | { readonly absent: string }): readonly BenchRequest[] => {
  if ('absent' in requests) throw new Error(requests.absent)
  return requests
}
