import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { startManyProcesses } from '../system/many-processes.ts'
import { newPerson, newSignedIn, signIn } from '../system/people.ts'
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
      // Nobody's account: each costs as much as somebody's, and none waits for the one before it.
      const login = (): Promise<KeptAnswer> => {
        const { email, password } = newPerson()
        return gateway.ask('POST', '/auth/login', { json: { email, password } })
      }
      const [flooded, logins] = await Promise.all([
        atRate(readsPerSecond, seconds, read),
        atRate(loginsPerSecond, seconds, login),
      ])
      const after = memoryOf(pid())
      await signIn(world.gateway, member)

      for (const { answer } of [...quiet, ...flooded]) assert.equal(answer.status, 200)
      const hashed = logins.filter(({ answer }) => answer.status === 401)
      const refused = logins.filter(({ answer }) => answer.status === 503)
      assert.equal(hashed.length + refused.length, logins.length, 'a login was answered neither 401 nor 503')
      assert.ok(hashed.length > 0 && refused.length > 0, `${hashed.length} hashed, ${refused.length} refused`)
      for (const { answer } of refused) {
        assert.equal(answer.json['code'], 'hashing-busy')
        assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/)
      }
      const figures = {
        quietP99Ms: p99(quiet),
        floodedP99Ms: p99(flooded),
        reads: flooded.length,
        logins: logins.length,
        hashed: hashed.length,
        refused: refused.length,
        refusedP99Ms: p99(refused),
        residentMbBefore: before.residentMb,
        residentMbAfter: after.residentMb,
        residentMbPeak: after.peakMb,
      }
      const story = JSON.stringify(figures)
      assert.ok(figures.floodedP99Ms <= ratioMax * Math.max(figures.quietP99Ms, quietMsMin), `reads wait: ${story}`)
      assert.ok(after.peakMb - before.residentMb <= growthMbMax, `memory grows: ${story}`)
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
const stepMs = 5

type Timed = { readonly answer: KeptAnswer; readonly tookMs: number }

/** Asks at a steady pace, whether or not there are answers; timed from when it was due, so that no delay is hidden. */
const atRate = async (
  perSecond: number,
  seconds: number,
  ask: () => Promise<KeptAnswer>,
): Promise<readonly Timed[]> => {
  const asked: Promise<Timed>[] = []
  const begun = performance.now()
  const timed = async (dueAt: number): Promise<Timed> => {
    const answer = await ask()
    return { answer, tookMs: performance.now() - dueAt }
  }
  while (asked.length < perSecond * seconds) {
    const dueAt = begun + (asked.length * 1000) / perSecond
    if (dueAt <= performance.now()) asked.push(timed(dueAt))
    else await delay(Math.min(dueAt - performance.now(), stepMs))
  }
  return Promise.all(asked)
}

const p99 = (all: readonly Timed[]): number => {
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
