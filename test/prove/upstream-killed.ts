import assert from 'node:assert/strict'
import { startOneProcess } from '../system/one-process.ts'
import { keptConnections } from './kept-connections.ts'
import { percentilesMs, rounded, type Proof } from './proof.ts'
import { startTwoReplicas } from './two-replicas.ts'

type Size = {
  readonly kills: number
  /** Between the return of one and the kill of the other. */
  readonly pauseMs: number
  /** That ask all the time. */
  readonly clients: number
}

/** `kill -9` of one of two upstreams under load, again and again: no GET fails. */
export const upstreamKilled: Proof<Size> = {
  name: 'upstream-killed',
  full: { kills: 20, pauseMs: 2_500, clients: 16 },
  small: { kills: 3, pauseMs: 300, clients: 8 },
  run: async ({ kills, pauseMs, clients }) => {
    await using ending = new AsyncDisposableStack()
    const replicas = await startTwoReplicas()
    ending.defer(replicas.stop)
    const world = await startOneProcess({
      settings: { LOG_LEVEL: 'error' },
      routes: [{ prefix: '/twice', upstream: replicas.urls, access: 'public' }],
    })
    ending.defer(world.stop)
    const { ask, close } = keptConnections(world.gateway.origin)
    ending.defer(async () => close())

    const failures: string[] = []
    const times: number[] = []
    let isOver = false
    const keepAsking = async (): Promise<void> => {
      while (!isOver) {
        const begun = performance.now()
        const told = await ask('GET', '/twice/x').then(
          ({ status }) => (status === 200 ? undefined : `${status}`),
          (error: unknown) => String(error),
        )
        times.push(performance.now() - begun)
        if (told !== undefined) failures.push(told)
      }
    }
    const begun = performance.now()
    const load = Promise.all(Array.from({ length: clients }, keepAsking))
    try {
      for (let kill = 0; kill < kills; kill += 1) {
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
        await replicas.killOne()
      }
    } finally {
      isOver = true
      await load
    }
    assert.deepEqual(failures.slice(0, 10), [])
    return {
      kills,
      gets: times.length,
      failed_gets: 0,
      gets_per_s: rounded(times.length / ((performance.now() - begun) / 1_000)),
      ...percentilesMs('get', times),
    }
  },
}
