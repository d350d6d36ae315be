import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnNode } from '@gatehouse/testing/processes.ts'
import { startManyProcesses } from '../system/many-processes.ts'
import { newSignedIn, signIn } from '../system/people.ts'
import type { World } from '../system/world.ts'
import { atRate, type Timed } from './at-rate.ts'
import { keptConnections, type KeptAnswer } from './kept-connections.ts'
import { percentile, type Proof } from './proof.ts'

type Size = {
  /** Of reading in quiet, and of reading while logins come in. */
  readonly seconds: number
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
  full: { seconds: 30, readsPerSecond: 100, loginsPerSecond: 300, ratioMax: 2, quietMsMin: 0 },
  small: { seconds: 2, readsPerSecond: 100, loginsPerSecond: 300, ratioMax: 10, quietMsMin: 200 },
  run: async ({ seconds, readsPerSecond, loginsPerSecond, ratioMax, quietMsMin }) => {
    const world = await startManyProcesses({ replicas: { auth: 1, users: 1, gateways: 1 } })
    const gateway = keptConnections(world.gateway.origin)
    try {
      const member = await newSignedIn(world.gateway)
      const { token: bearer } = member
      await world.gateway.put('/users/profile', { bearer, json: { bio: 'read me' } })
      const read = (): Promise<KeptAnswer> => gateway.ask('GET', '/users/profile', { bearer })
      const pid = (): number => world.replicas('auth-service')[0]?.process().pid ?? 0
      await atRate(readsPerSecond, warmUpSeconds, read)

      const before = memoryOf(pid())
      const quiet = await atRate(readsPerSecond, seconds, read)
      const flood = spawnNode([join(import.meta.dirname, 'login-flooder.ts'), ...told(world, loginsPerSecond, seconds)])
      const [flooded, [, story = '{}']] = await Promise.all([
        atRate(readsPerSecond, seconds, read),
        flood.waitForLine(/^flood: (.*)$/m, (seconds + lastAnswerSeconds) * 1_000),
      ])
      // What the flooder has written itself.
      const logins = JSON.parse(story) as Readonly<Record<'logins' | 'hashed' | 'refused' | `${string}Ms`, number>>
      const after = memoryOf(pid())
      await signIn(world.gateway, member)

      for (const { answer } of [...quiet, ...flooded]) assert.equal(answer.status, 200)
      assert.equal(logins.hashed + logins.refused, logins.logins, `a login was answered neither 401 nor 503: ${story}`)
      assert.ok(logins.hashed > 0 && logins.refused > 0, story)
      const figures = {
        quietP99Ms: p99(quiet),
        floodedP99Ms: p99(flooded),
        reads: flooded.length,
        ...logins,
        residentMbBefore: before.residentMb,
        residentMbAfter: after.residentMb,
        residentMbPeak: after.peakMb,
      }
      const seen = JSON.stringify(figures)
      assert.ok(figures.floodedP99Ms <= ratioMax * Math.max(figures.quietP99Ms, quietMsMin), `reads wait: ${seen}`)
      assert.ok(after.peakMb - before.residentMb <= growthMbMax, `memory grows: ${seen}`)
      return figures
    } finally {
      gateway.close()
      await world.stop()
    }
  },
}

const warmUpSeconds = 1
/** Three hashes of 19 MiB at once, the queue before them, and what a busy heap leaves lying about. */
const growthMbMax = 150
const lastAnswerSeconds = 30

const told = ({ gateway }: World, perSecond: number, seconds: number): readonly string[] => [
  gateway.origin,
  `${perSecond}`,
  `${seconds}`,
]

const p99 = (all: readonly Timed<KeptAnswer>[]): number => {
  const tookMs = all.map((each) => each.tookMs)
  return Math.round(percentile(tookMs, 0.99) * 10) / 10
}

/** What the process holds now, and the most that it ever held. */
const memoryOf = (pid: number): { readonly residentMb: number; readonly peakMb: number } => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Infinity) / 1024)
  return { residentMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') }
}
