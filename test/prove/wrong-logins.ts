import assert from 'node:assert/strict'
import { attemptLimits } from '@gatehouse/auth-service/stores/attempt-log.ts'
import { startManyProcesses } from '../system/many-processes.ts'
import { newMember } from '../system/people.ts'
import { keptConnections, type KeptAnswer, type KeptConnections } from './kept-connections.ts'
import type { Proof } from './proof.ts'

type Size = {
  /** Attacked one after the other. */
  readonly accounts: number
  /** Wrong passwords for each of them, all at once, half of them to each replica. */
  readonly guesses: number
}

/** However many guess at once, and wherever from, few passwords are tried; the owner's device is not kept waiting. */
export const wrongLogins: Proof<Size> = {
  name: 'wrong-logins',
  full: { accounts: 20, guesses: 200 },
  small: { accounts: 1, guesses: 200 },
  run: async ({ accounts, guesses }) => {
    const world = await startManyProcesses({ replicas: { auth: 2, users: 1, gateways: 1 } })
    const doors = world.replicas('auth-service').map(({ client }) => keptConnections(client.origin))
    try {
      const figures = { accounts, guesses: 0, evaluatedMost: 0, refused: 0, ownerLoginMsMax: 0 }
      for (let account = 0; account < accounts; account += 1) {
        const { email, password } = await newMember(world.gateway)
        const known = await world.gateway.post('/auth/login', { json: { email, password } })
        assert.equal(known.status, 200, known.text)
        const owner = { email, password, device_token: known.json['device_token'] }
        const logIn = async (): Promise<number> => {
          const begun = performance.now()
          const { status, text } = await world.gateway.post('/auth/login', { json: owner })
          assert.equal(status, 200, `the owner is kept out: ${text}`)
          return performance.now() - begun
        }

        const begun = performance.now()
        const attack = Promise.all(Array.from({ length: guesses }, (_each, turn) => guess(email, turn, doors)))
        const meanwhileMs = await logIn()
        const answers = await attack
        const elapsedMs = performance.now() - begun
        const afterwardsMs = await logIn()

        const evaluated = answers.filter(({ status }) => status === 401)
        const refused = answers.filter(({ status }) => status === 429)
        assert.equal(
          evaluated.length + refused.length,
          guesses,
          `only these two: ${answers.map(({ status }) => status).join()}`,
        )
        assert.ok(evaluated.length <= allowedWithin(elapsedMs), `${evaluated.length} evaluated in ${elapsedMs} ms`)
        for (const { headers } of refused) assert.match(headers['retry-after'] ?? '', /^[1-9]\d*$/)
        figures.guesses += guesses
        figures.refused += refused.length
        figures.evaluatedMost = Math.max(figures.evaluatedMost, evaluated.length)
        figures.ownerLoginMsMax = Math.round(Math.max(figures.ownerLoginMsMax, meanwhileMs, afterwardsMs))
      }
      return figures
    } finally {
      for (const { close } of doors) close()
      await world.stop()
    }
  },
}

/** Each guess comes from an address of its own: it is the account that counts. */
const guess = async (email: string, turn: number, doors: readonly KeptConnections[]): Promise<KeptAnswer> => {
  const door = doors[turn % doors.length]
  assert.ok(door !== undefined)
  const json = { email, password: `not this one ${turn}` }
  return door.ask('POST', '/auth/login', { json, address: `198.51.100.${turn % 256}` })
}

/** The free guesses, and one more for each wait that was over by then. */
const allowedWithin = (elapsedMs: number): number => {
  const { free, firstWaitMs } = attemptLimits
  let allowed: number = free
  for (let waitMs: number = firstWaitMs, overMs = waitMs; overMs <= elapsedMs; waitMs *= 2, overMs += waitMs)
    allowed += 1
  return allowed
}
