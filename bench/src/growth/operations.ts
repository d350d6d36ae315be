import type { Ask } from './ask.ts'
import { seededPassword, type GrownHouse } from './grown-house.ts'

/** Something that people do, as it is asked of a house by somebody picked at random. */
export type GrowthOperation = {
  readonly name: string
  /** Far from what two cores can bear: this measures how long an answer takes, and not how many there can be. */
  readonly perSecond: number
  /** Prepares one request, which is not timed, and answers the one that is. */
  readonly prepare: (house: GrownHouse) => Promise<() => Promise<void>>
}

/** The operations whose cost could grow with the number of people. */
export const operationsOf = (ask: Ask): readonly GrowthOperation[] => [
  {
    name: 'login',
    perSecond: 10,
    prepare: async ({ origin, people }) => {
      const { email } = people.person(below(people.userCount))
      const body = JSON.stringify({ email, password: seededPassword })
      return async () => void (await ask(origin, 'POST', '/auth/login', { body }))
    },
  },
  {
    name: 'profile read',
    perSecond: 80,
    prepare: async (house) => {
      const bearer = house.mint.tokenOf(livingSession(house))
      return async () => void (await ask(house.origin, 'GET', '/users/profile', { bearer }))
    },
  },
  {
    name: 'sessions list',
    perSecond: 60,
    prepare: async (house) => {
      const bearer = house.mint.tokenOf(livingSession(house))
      return async () => void (await ask(house.origin, 'GET', '/auth/sessions', { bearer }))
    },
  },
  refresh(ask),
]

/** A refresh token is good once: what came in its place is kept for the next time. */
const refresh = (ask: Ask): GrowthOperation => {
  const successors = new WeakMap<GrownHouse, Map<number, string | undefined>>()
  return {
    name: 'refresh',
    perSecond: 40,
    prepare: async (house) => {
      const known = successors.get(house) ?? new Map<number, string | undefined>()
      successors.set(house, known)
      let number = livingSession(house)
      // Undefined: somebody has it in hand.
      while (known.has(number) && known.get(number) === undefined) number = livingSession(house)
      const refresh_token = known.get(number) ?? house.people.session(number).refreshToken
      known.set(number, undefined)
      const body = JSON.stringify({ refresh_token })
      return async () => {
        const { refresh_token: next } = await ask(house.origin, 'POST', '/auth/refresh', { body })
        if (typeof next !== 'string') throw new Error('a refresh answers the next refresh token')
        known.set(number, next)
      }
    },
  }
}

const below = (count: number): number => Math.floor(Math.random() * count)

/** One that the seed has not ended. */
const livingSession = ({ people, revocations }: GrownHouse): number =>
  revocations + below(people.sessionCount - revocations)
