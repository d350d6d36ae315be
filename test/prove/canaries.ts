import assert from 'node:assert/strict'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { oneOfEach, startManyProcesses } from '../system/many-processes.ts'
import { runCanaryClient, type Tally } from './canary-client.ts'
import { metric } from './metric.ts'
import { rounded, type Proof } from './proof.ts'
import { startHostileReplica, startTwoReplicas } from './two-replicas.ts'

type Size = {
  readonly requests: number
  readonly clients: number
  /** Clients of the hostile service beside them. */
  readonly neighbours: number
  readonly killEveryMs: number
}

/** No client is given a byte of another one's answer, whatever is killed, aborted or lied about beside it. */
export const canaries: Proof<Size> = {
  name: 'canaries',
  full: { requests: 2_000_000, clients: 64, neighbours: 8, killEveryMs: 3_000 },
  small: { requests: 10_000, clients: 32, neighbours: 8, killEveryMs: 1_000 },
  run: async ({ requests, clients, neighbours, killEveryMs }) => {
    await using ending = new AsyncDisposableStack()
    const replicas = await startTwoReplicas()
    ending.defer(replicas.stop)
    const hostilePort = await freePort()
    const hostile = await startHostileReplica(hostilePort)
    ending.defer(async () => void (await hostile.kill()))
    // A gateway alone, which reads simple requests itself; one in a process with its services has no fast lane.
    const world = await startManyProcesses({
      replicas: oneOfEach,
      settings: { LOG_LEVEL: 'error' },
      routes: [
        { prefix: '/twice', upstream: replicas.urls, access: 'public' },
        {
          prefix: '/hostile',
          upstream: `http://127.0.0.1:${hostilePort}`,
          access: 'public',
          timeouts: { answer_head_ms: 200, answer_pause_ms: 200, deadline_ms: 3_000 },
        },
      ],
    })
    ending.defer(world.stop)
    const port = Number(new URL(world.gateway.origin).port)
    const [gateway] = world.replicas('api-gateway')
    assert.ok(gateway !== undefined)

    const tally = newTally()
    const besides = newTally()
    let left = requests
    const isOver = (): boolean => left <= 0
    const begun = performance.now()
    const honest = Array.from({ length: clients }, (_, at) =>
      runCanaryClient({
        name: `canary${at}`,
        port,
        prefix: '/twice',
        tally,
        echoes: true,
        sendsBodies: at % 2 === 0,
        goesOn: () => (left -= 1) >= 0,
      }),
    )
    const others = Array.from({ length: neighbours }, (_, at) =>
      runCanaryClient({
        name: `canary${1_000 + at}`,
        port,
        prefix: '/hostile',
        tally: besides,
        echoes: false,
        sendsBodies: at % 2 === 0,
        goesOn: () => !isOver(),
      }),
    )
    const kills = await killUntil(replicas.killOne, killEveryMs, isOver)
    await Promise.all([...honest, ...others])
    const seconds = (performance.now() - begun) / 1_000

    const readByLane = await metric(gateway.admin, 'http_fast_lane_requests_total')
    // The first few: thousands would take an hour to compare.
    assert.deepEqual([...tally.foreign, ...besides.foreign].slice(0, 3), [])
    assert.ok(tally.answered > requests * 0.9, `only ${tally.answered} of ${requests} were answered`)
    assert.ok(readByLane > requests / 3, `only ${readByLane} of ${requests} were read by the fast lane`)
    return {
      requests,
      foreign_bytes: 0,
      read_by_the_fast_lane: readByLane,
      answered: tally.answered,
      refused: tally.refused,
      cut: tally.cut,
      aborted_by_clients: tally.aborted,
      kills,
      hostile_answers: besides.answered + besides.refused + besides.cut,
      requests_per_s: rounded(requests / seconds),
    }
  },
}

const newTally = (): Tally => ({ answered: 0, refused: 0, cut: 0, aborted: 0, foreign: [] })

const killUntil = async (kill: () => Promise<void>, everyMs: number, isOver: () => boolean): Promise<number> => {
  let kills = 0
  while (!isOver()) {
    await new Promise((resolve) => setTimeout(resolve, everyMs))
    if (isOver()) break
    await kill()
    kills += 1
  }
  return kills
}
