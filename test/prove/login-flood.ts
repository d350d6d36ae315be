import assert from 'node:assert/strict'
import { join } from 'node:path'
import { atRate, type Timed } from '@gatehouse/bench/at-rate.ts'
import { percentile } from '@gatehouse/bench/percentile.ts'
import { memoryOf } from '@gatehouse/testing/memory-of.ts'
import { spawnNode, type RunningProcess } from '@gatehouse/testing/processes.ts'
import { startManyProcesses } from '../system/many-processes.ts'
import { newSignedIn, signIn } from '../system/people.ts'
import { keptConnections, type KeptAnswer } from './kept-connections.ts'
import { rounded, type Proof } from './proof.ts'

type Size = {
  /** Of reading in quiet and of reading while logins come in, in turns: a machine has better and worse moments. */
  readonly rounds: number
  readonly seconds: number
  /** Of both, before anything counts: code that has not run yet is slow, in quiet as in a flood. */
  readonly warmUpSeconds: number
  readonly readsPerSecond: number
  /** Several times what can be hashed. */
  readonly loginsPerSecond: number
  /** How much longer the slow reads may take than in quiet. */
  readonly ratioMax: number
  /** A quiet p99 below this counts as this: a millisecond doubles by itself on a machine that does something else. */
  readonly quietMsMin: number
}

/** A flood of logins is turned away where it would cost most, and nobody who reads a profile has to wait for it. */
export const loginFlood: Proof<Size> = {
  name: 'login-flood',
  full: {
    rounds: 5,
    seconds: 10,
    warmUpSeconds: 10,
    readsPerSecond: 100,
    loginsPerSecond: 300,
    ratioMax: 2,
    quietMsMin: 0,
  },
  small: {
    rounds: 1,
    seconds: 2,
    warmUpSeconds: 1,
    readsPerSecond: 100,
    loginsPerSecond: 300,
    ratioMax: 10,
    quietMsMin: 200,
  },
  run: async ({ rounds, seconds, warmUpSeconds, readsPerSecond, loginsPerSecond, ratioMax, quietMsMin }) => {
    const world = await startManyProcesses({ replicas: { auth: 1, users: 1, gateways: 1 } })
    const gateway = keptConnections(world.gateway.origin)
    try {
      const member = await newSignedIn(world.gateway)
      const { token: bearer } = member
      await world.gateway.put('/users/profile', { bearer, json: { bio: 'read me' } })
      const read = (): Promise<KeptAnswer> => gateway.ask('GET', '/users/profile', { bearer })
      const quietly = async (forSeconds: number): Promise<Reads> =>
        readsOf(await atRate(readsPerSecond, forSeconds, read))
      const flooded = async (forSeconds: number): Promise<[Reads, Flood]> => {
        const flood = spawnNode([flooder, world.gateway.origin, `${loginsPerSecond}`, `${forSeconds}`])
        return Promise.all([quietly(forSeconds), storyOf(flood, forSeconds)])
      }
      const pid = world.replicas('auth-service')[0]?.process().pid ?? 0
      const residentBefore = memoryOf(pid)
      await quietly(warmUpSeconds)
      await flooded(warmUpSeconds)

      const quiet: Reads[] = []
      const besieged: Reads[] = []
      const floods: Flood[] = []
      for (let round = 0; round < rounds; round += 1) {
        quiet.push(await quietly(seconds))
        const [reads, flood] = await flooded(seconds)
        besieged.push(reads)
        floods.push(flood)
      }
      const [residentAfter, residentPeak] = [memoryOf(pid), memoryOf(pid, 'VmHWM')]
      await signIn(world.gateway, member)

      const logins = inAll(floods)
      const story = JSON.stringify(floods)
      for (const { notOk } of [...quiet, ...besieged]) assert.equal(notOk, 0, 'a read was not answered 200')
      assert.equal(logins.hashed + logins.refused, logins.logins, `a login was answered neither 401 nor 503: ${story}`)
      assert.ok(logins.hashed > 0 && logins.refused > 0, story)
      const figures = {
        quietP99Ms: middle(quiet.map(({ p99Ms }) => p99Ms)),
        floodedP99Ms: middle(besieged.map(({ p99Ms }) => p99Ms)),
        reads: besieged.reduce((sum, { count }) => sum + count, 0),
        ...logins,
        residentMbBefore: Math.round(residentBefore),
        residentMbAfter: Math.round(residentAfter),
        residentMbPeak: Math.round(residentPeak),
      }
      const seen = JSON.stringify(figures)
      assert.ok(figures.floodedP99Ms <= ratioMax * Math.max(figures.quietP99Ms, quietMsMin), `reads wait: ${seen}`)
      assert.ok(residentPeak - residentBefore <= growthMbMax, `memory grows: ${seen}`)
      return figures
    } finally {
      gateway.close()
      await world.stop()
    }
  },
}

const flooder = join(import.meta.dirname, 'login-flooder.ts')
/** Three hashes of 19 MiB at once, the queue before them, and what a busy heap leaves lying about. */
const growthMbMax = 150
const lastAnswerSeconds = 30

/** One round of reading. */
type Reads = { readonly count: number; readonly notOk: number; readonly p99Ms: number }

const readsOf = (all: readonly Timed<KeptAnswer>[]): Reads => ({
  count: all.length,
  notOk: all.filter(({ answer }) => answer.status !== 200).length,
  p99Ms: percentile(
    all.map(({ tookMs }) => tookMs),
    0.99,
  ),
})

/** One flood, as the flooder tells it. */
type Flood = Readonly<Record<'logins' | 'hashed' | 'refused' | 'hashedP99Ms' | 'refusedP99Ms', number>> & {
  /** An answer that is neither, where there was one. */
  readonly other?: string
}

const storyOf = async (flood: RunningProcess, seconds: number): Promise<Flood> => {
  const [, story = '{}'] = await flood.waitForLine(/^flood: (.*)$/m, (seconds + lastAnswerSeconds) * 1_000)
  // What the flooder has written itself.
  return JSON.parse(story) as Flood
}

const inAll = (floods: readonly Flood[]): Flood => {
  const sum = (name: Exclude<keyof Flood, 'other'>): number => floods.reduce((total, flood) => total + flood[name], 0)
  const usual = (name: Exclude<keyof Flood, 'other'>): number => middle(floods.map((flood) => flood[name]))
  return {
    logins: sum('logins'),
    hashed: sum('hashed'),
    refused: sum('refused'),
    hashedP99Ms: usual('hashedP99Ms'),
    refusedP99Ms: usual('refusedP99Ms'),
  }
}

const middle = (values: readonly number[]): number => rounded(percentile(values, 0.5))
