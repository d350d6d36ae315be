import assert from 'node:assert/strict'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '@gatehouse/bench/percentile.ts'
import { spawnNode } from '@gatehouse/testing/processes.ts'
import { startOneProcess } from '../system/one-process.ts'
import { eventLoopStall } from './event-loop-stall.ts'
import { keptConnections } from './kept-connections.ts'
import { rounded, type Proof } from './proof.ts'

type Size = {
  readonly heads: number
  readonly bodies: number
  /** Of reading in quiet, beside the same crowd at somebody else's door, and while it is at ours, in turns. */
  readonly rounds: number
  /** Of those at somebody else's door: what the machine takes for them, whoever answers. */
  readonly floors: number
  readonly quietSeconds: number
  /** Crowds before anything counts: code that has not run yet is slow, in quiet as in a siege. */
  readonly warmUps: number
  readonly readsPerSecond: number
  /** How much longer the slow reads may take than in quiet. */
  readonly ratioMax: number
  /** A quiet p99 below this counts as this: of a small run, beside other tests, there is no honest one. */
  readonly quietMsMin: number
}

/**
 * Thousands of clients that send a byte a second, of their heads and of their bodies: who asks properly meanwhile is
 * answered as in quiet, through the same service, and all the others are cut in time. The crowd and the service are
 * processes of their own, as on machines of their own; what they take of this one is the floor.
 */
export const slowClients: Proof<Size> = {
  name: 'slow-clients',
  full: {
    heads: 5_000,
    bodies: 2_000,
    rounds: 3,
    floors: 3,
    quietSeconds: 15,
    warmUps: 2,
    readsPerSecond: 100,
    ratioMax: 2,
    quietMsMin: 0,
  },
  small: {
    heads: 300,
    bodies: 800,
    rounds: 1,
    floors: 0,
    quietSeconds: 2,
    warmUps: 0,
    readsPerSecond: 50,
    ratioMax: 10,
    quietMsMin: 20,
  },
  run: async ({ heads, bodies, rounds, floors, quietSeconds, warmUps, readsPerSecond, ratioMax, quietMsMin }) => {
    await using ending = new AsyncDisposableStack()
    const service = spawnNode([join(import.meta.dirname, 'strict-service.ts')])
    ending.defer(async () => void (await service.stop()))
    const [, upstream = ''] = await service.waitForLine(/^service: (\S+)$/m)
    const world = await startOneProcess({
      settings: { LOG_LEVEL: 'error' },
      routes: [{ prefix: '/raw', upstream, access: 'public' }],
    })
    ending.defer(() => world.stop())
    const sink = spawnNode([join(import.meta.dirname, 'slow-sink.ts')])
    ending.defer(async () => void (await sink.stop()))
    const [, sinkPort = ''] = await sink.waitForLine(/^sink: (\d+)$/m)
    const honest = keptConnections(world.gateway.origin)
    ending.defer(async () => honest.close())

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
    const reading = async (until: AbortSignal): Promise<Reads> => readsOf(await atPace(read, readsPerSecond, until))
    const quietly = (seconds: number): Promise<Reads> => reading(AbortSignal.timeout(seconds * 1_000))
    const besieged = async (port: string, crowd: readonly [heads: number, bodies: number]): Promise<[Reads, Cut]> => {
      const over = new AbortController()
      const attack = spawnNode([join(import.meta.dirname, 'slow-attackers.ts'), port, ...crowd.map(String)])
      const reads = reading(over.signal)
      const [, story = '{}'] = await attack.waitForLine(/^attack: (.*)$/m, attackMsMax).finally(() => over.abort())
      // What the attackers have written themselves.
      return [await reads, JSON.parse(story) as Cut]
    }

    const { port } = new URL(world.gateway.origin)
    await quietly(1)
    for (let crowd = 0; crowd < warmUps; crowd += 1) await besieged(port, [heads, bodies])
    const [quiet, floor, siege]: [Reads[], Reads[], Reads[]] = [[], [], []]
    const cuts: Cut[] = []
    let [stallMs, readerStallMs] = [0, 0]
    const reader = monitorEventLoopDelay({ resolution: 1 })
    for (let round = 0; round < rounds; round += 1) {
      quiet.push(await quietly(quietSeconds))
      if (round < floors) floor.push((await besieged(sinkPort, [heads, bodies]))[0])
      // What was before this look is not the crowd's.
      await eventLoopStall(world.replica.admin)
      reader.reset()
      reader.enable()
      const [reads, cut] = await besieged(port, [heads, bodies])
      reader.disable()
      siege.push(reads)
      cuts.push(cut)
      stallMs = Math.max(stallMs, await eventLoopStall(world.replica.admin))
      readerStallMs = Math.max(readerStallMs, reader.max / 1e6)
    }
    await service.stop()

    const figures = {
      quietP99Ms: middle(quiet.map(({ p99Ms }) => p99Ms)),
      ...(floor.length === 0 ? {} : { besideASinkP99Ms: middle(floor.map(({ p99Ms }) => p99Ms)) }),
      besiegedP99Ms: middle(siege.map(({ p99Ms }) => p99Ms)),
      reads: siege.reduce((sum, { count }) => sum + count, 0),
      longestStallMs: rounded(stallMs),
      longestStallOfTheReaderMs: rounded(readerStallMs),
      ...inAll(cuts),
    }
    const words = JSON.stringify(figures)
    for (const { notOk } of [...quiet, ...floor, ...siege]) assert.equal(notOk, 0, `not answered 200: ${words}`)
    assert.deepEqual(
      [figures.heads, figures.bodies, figures.refused, figures.otherAnswers],
      [heads * rounds, bodies * rounds, 0, 0],
      words,
    )
    assert.ok(figures.headsLivedSecondsMax <= livedSecondsMax, `heads are cut too late: ${words}`)
    assert.ok(figures.bodiesLivedSecondsMax <= livedSecondsMax, `bodies are cut too late: ${words}`)
    assert.ok(figures.besiegedP99Ms <= ratioMax * Math.max(figures.quietP99Ms, quietMsMin), `reads wait: ${words}`)
    assert.match(service.output(), /^faults: \[\]$/m)
    return figures
  },
}

/** Ten seconds are what a head and a body's patience may take; the rest is how often they are looked at, and noise. */
const livedSecondsMax = 15
/** The ramp, that time, and a slow machine. */
const attackMsMax = 120_000

type Read = { readonly status: number; readonly tookMs: number }

/** Asks at a steady pace, whether or not there are answers, until it is told to stop. */
const atPace = async (read: () => Promise<Read>, perSecond: number, until: AbortSignal): Promise<readonly Read[]> => {
  const reads: Promise<Read>[] = []
  const begun = performance.now()
  while (!until.aborted) {
    const dueAt = begun + (reads.length * 1_000) / perSecond
    if (dueAt <= performance.now()) reads.push(read())
    else await delay(Math.max(0, dueAt - performance.now()))
  }
  return Promise.all(reads)
}

type Reads = { readonly count: number; readonly notOk: number; readonly p99Ms: number }

const readsOf = (all: readonly Read[]): Reads => ({
  count: all.length,
  notOk: all.filter(({ status }) => status !== 200).length,
  p99Ms: percentile(
    all.map(({ tookMs }) => tookMs),
    0.99,
  ),
})

const middle = (values: readonly number[]): number => rounded(percentile(values, 0.5))

/** What became of a crowd, as it tells it itself. */
type Cut = Readonly<Record<(typeof counted)[number] | (typeof longest)[number], number>>

const counted = ['heads', 'bodies', 'answered408', 'unanswered', 'otherAnswers', 'refused'] as const
const longest = ['headsLivedSecondsMax', 'bodiesLivedSecondsMax'] as const

const inAll = (cuts: readonly Cut[]): Cut => {
  const sum = (name: (typeof counted)[number]): number => cuts.reduce((total, cut) => total + cut[name], 0)
  const max = (name: (typeof longest)[number]): number => Math.max(...cuts.map((cut) => cut[name]))
  return {
    heads: sum('heads'),
    bodies: sum('bodies'),
    answered408: sum('answered408'),
    unanswered: sum('unanswered'),
    otherAnswers: sum('otherAnswers'),
    refused: sum('refused'),
    headsLivedSecondsMax: max('headsLivedSecondsMax'),
    bodiesLivedSecondsMax: max('bodiesLivedSecondsMax'),
  }
}
