import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '@gatehouse/bench/percentile.ts'
import { spawnNode } from '@gatehouse/testing/processes.ts'
import { startOneProcess } from '../system/one-process.ts'
import { startStrictUpstream } from '../system/strict-upstream.ts'
import { eventLoopStall } from './event-loop-stall.ts'
import { keptConnections } from './kept-connections.ts'
import { rounded, type Proof } from './proof.ts'

type Size = {
  readonly heads: number
  readonly bodies: number
  readonly quietSeconds: number
  readonly readsPerSecond: number
  /** How much longer the slow reads may take than in quiet. */
  readonly ratioMax: number
  /** A quiet p99 below this counts as this: a millisecond doubles by itself on a machine that does something else. */
  readonly quietMsMin: number
}

/**
 * Thousands of clients that send a byte a second, of their heads and of their bodies: who asks properly meanwhile is
 * answered as in quiet, through the same service, and all the others are cut in time.
 */
export const slowClients: Proof<Size> = {
  name: 'slow-clients',
  full: { heads: 5_000, bodies: 2_000, quietSeconds: 15, readsPerSecond: 100, ratioMax: 2, quietMsMin: 5 },
  small: { heads: 300, bodies: 800, quietSeconds: 2, readsPerSecond: 50, ratioMax: 10, quietMsMin: 20 },
  run: async ({ heads, bodies, quietSeconds, readsPerSecond, ratioMax, quietMsMin }) => {
    const upstream = await startStrictUpstream()
    const world = await startOneProcess({
      settings: { LOG_LEVEL: 'error' },
      routes: [{ prefix: '/raw', upstream: upstream.origin, access: 'public' }],
    })
    const honest = keptConnections(world.gateway.origin)
    const controller = new AbortController()
    try {
      let nth = 0
      // Every fourth with a body of its own: it must find a place among those that hold theirs back.
      const read = async (): Promise<Read> => {
        nth += 1
        const begun = performance.now()
        const { status } = await (nth % 4 === 0
          ? honest.ask('POST', '/raw/x', { json: { nth } })
          : honest.ask('GET', '/raw/x'))
        return { status, tookMs: performance.now() - begun }
      }
      await reading(read, readsPerSecond, AbortSignal.timeout(1_000))
      const quiet = await reading(read, readsPerSecond, AbortSignal.timeout(quietSeconds * 1_000))

      // What was before this look is not the attack's.
      await eventLoopStall(world.replica.admin)
      const { port } = new URL(world.gateway.origin)
      const attack = spawnNode([join(import.meta.dirname, 'slow-attackers.ts'), port, `${heads}`, `${bodies}`])
      const besieged = reading(read, readsPerSecond, controller.signal)
      const [, story = '{}'] = await attack.waitForLine(/^attack: (.*)$/m, attackMsMax)
      controller.abort()
      const reads = await besieged
      // What the attackers have written themselves.
      const cut = JSON.parse(story) as Readonly<Record<string, number>>

      const figures = {
        quietReads: quiet.length,
        quietP99Ms: p99(quiet),
        besiegedReads: reads.length,
        besiegedP99Ms: p99(reads),
        longestStallMs: rounded(await eventLoopStall(world.replica.admin)),
        ...cut,
      }
      const words = JSON.stringify(figures)
      for (const { status } of [...quiet, ...reads]) assert.equal(status, 200, words)
      assert.deepEqual([cut['heads'], cut['bodies'], cut['refused'], cut['otherAnswers']], [heads, bodies, 0, 0], words)
      assert.ok((cut['headsLivedSecondsMax'] ?? Infinity) <= livedSecondsMax, `heads are cut too late: ${words}`)
      assert.ok((cut['bodiesLivedSecondsMax'] ?? Infinity) <= livedSecondsMax, `bodies are cut too late: ${words}`)
      assert.ok(figures.besiegedP99Ms <= ratioMax * Math.max(figures.quietP99Ms, quietMsMin), `reads wait: ${words}`)
      assert.deepEqual(upstream.faults(), [])
      return figures
    } finally {
      controller.abort()
      honest.close()
      await world.stop()
      await upstream.stop()
    }
  },
}

/** Ten seconds are what a head and a body's patience may take; the rest is how often they are looked at, and noise. */
const livedSecondsMax = 15
/** The ramp, that time, and a slow machine. */
const attackMsMax = 120_000

type Read = { readonly status: number; readonly tookMs: number }

/** Asks at a steady pace, whether or not there are answers, until it is told to stop. */
const reading = async (read: () => Promise<Read>, perSecond: number, until: AbortSignal): Promise<readonly Read[]> => {
  const reads: Promise<Read>[] = []
  const begun = performance.now()
  while (!until.aborted) {
    const dueAt = begun + (reads.length * 1_000) / perSecond
    if (dueAt <= performance.now()) reads.push(read())
    else await delay(Math.max(0, dueAt - performance.now()))
  }
  return Promise.all(reads)
}

const p99 = (reads: readonly Read[]): number =>
  rounded(
    percentile(
      reads.map(({ tookMs }) => tookMs),
      0.99,
    ),
  )
