import assert from 'node:assert/strict'
import { eachAtOnce } from './each-at-once.ts'
import { keptConnections, type KeptAnswer, type KeptConnections } from './kept-connections.ts'
import type { Proof } from './proof.ts'
import { startWorldOfSessions } from './world-of-sessions.ts'

type Size = {
  readonly tokens: number
  /** Who send the same token at the same time, half of them to each replica. */
  readonly callers: number
  /** Tokens that are fought for at the same time. */
  readonly tokensAtOnce: number
}

/** Many tabs with one refresh token: they all go on with the same successor, and nobody is turned away. */
export const refreshRaces: Proof<Size> = {
  name: 'refresh-races',
  full: { tokens: 10_000, callers: 20, tokensAtOnce: 4 },
  small: { tokens: 50, callers: 20, tokensAtOnce: 4 },
  run: async ({ tokens, callers, tokensAtOnce }) => {
    const world = await startWorldOfSessions()
    const doors = world.replicas('auth-service').map(({ client }) => keptConnections(client.origin))
    try {
      const parents = await world.newSessions(tokens)
      const seen = { forks: 0, falseRefusals: 0, thievesLetIn: 0 }
      const begun = performance.now()
      await eachAtOnce(tokens, tokensAtOnce, async (index) => {
        const race = await raceFor(parents[index] ?? '', callers, doors)
        seen.forks += race.forks
        seen.falseRefusals += race.falseRefusals
        seen.thievesLetIn += race.thievesLetIn
      })
      const tookMs = performance.now() - begun
      assert.deepEqual(seen, { forks: 0, falseRefusals: 0, thievesLetIn: 0 })
      const requests = tokens * (callers + 3)
      return { tokens, callers, ...seen, requests, requestsPerSecond: Math.round(requests / (tookMs / 1000)) }
    } finally {
      for (const { close } of doors) close()
      await world.stop()
    }
  },
}

type Race = { readonly forks: number; readonly falseRefusals: number; readonly thievesLetIn: number }

const raceFor = async (parent: string, callers: number, doors: readonly KeptConnections[]): Promise<Race> => {
  const refresh = async (token: string, turn: number): Promise<KeptAnswer> => {
    const door = doors[turn % doors.length]
    assert.ok(door !== undefined)
    return door.ask('POST', '/auth/refresh', { json: { refresh_token: token } })
  }
  const answers = await Promise.all(Array.from({ length: callers }, (_each, turn) => refresh(parent, turn)))
  const successors = new Set(answers.filter(isGood).map(successorIn))
  const [successor = ''] = successors
  const next = await refresh(successor, 0)
  // Its successor is used: whoever comes with the parent now is not one of those tabs, and ends the session for all.
  const late = [await refresh(parent, 1), await refresh(successorIn(next), 0)]
  return {
    forks: Math.max(successors.size - 1, 0),
    falseRefusals: [...answers, next].filter((answer) => !isGood(answer)).length,
    thievesLetIn: late.filter(({ status }) => status !== 401).length,
  }
}

const isGood = ({ status }: KeptAnswer): boolean => status === 200

const successorIn = ({ json }: KeptAnswer): string => String(json['refresh_token'])
