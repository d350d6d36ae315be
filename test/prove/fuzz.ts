import assert from 'node:assert/strict'
import { memoryOf } from '@gatehouse/testing/memory-of.ts'
import { answersIn } from '../system/hostile-exchange.ts'
import { startOneProcess } from '../system/one-process.ts'
import { startStrictUpstream } from '../system/strict-upstream.ts'
import { eventLoopStall } from './event-loop-stall.ts'
import { fuzzExchange } from './fuzz-exchange.ts'
import { fuzzTheLane } from './fuzz-lane.ts'
import { hostileMutations } from './hostile-mutations.ts'
import { rounded, type Proof } from './proof.ts'
import { strangeIn } from './strange-requests.ts'

type Size = {
  readonly requests: number
  /** Connections with requests for the fast lane, which are opened to a gateway with it and to one without. */
  readonly laneConnections: number
  /** Of the gateway's event loop. */
  readonly stallMsMax: number
  readonly growthMbMax: number
}

/**
 * Requests that nobody has thought of: no answer of the 5xx, no crash, no stall, no growth, and whatever the service is
 * sent is whole, sound and ours. The seed is printed; `FUZZ_SEED` runs it again.
 */
export const fuzz: Proof<Size> = {
  name: 'fuzz',
  full: { requests: 100_000, laneConnections: 50_000, stallMsMax: 200, growthMbMax: 50 },
  // A machine that runs other tests beside this one stalls whom it likes.
  small: { requests: 3_000, laneConnections: 1_500, stallMsMax: 1_000, growthMbMax: 100 },
  run: async ({ requests, laneConnections, stallMsMax, growthMbMax }) => {
    const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 4_294_967_296)
    process.stdout.write(`fuzz: FUZZ_SEED=${seed}\n`)
    const upstream = await startStrictUpstream()
    const world = await startOneProcess({
      settings: { LOG_LEVEL: 'error' },
      routes: [{ prefix: '/raw', upstream: upstream.origin, access: 'public' }],
    })
    try {
      const port = Number(new URL(world.gateway.origin).port)
      const pid = world.replica.process().pid
      const next = hostileMutations(seed)
      const seen = new Map<string, number>()
      const ids = new Set<string>()
      let [sent, unfinished, forwarded, stallMs] = [0, 0, 0, 0]
      /** At every tenth of the way. */
      const residentMb: number[] = []

      const send = async (): Promise<void> => {
        const bytes = next()
        const { text, isOver } = await fuzzExchange(port, sent, [`${bytes}${last}`])
        if (!isOver) unfinished += 1
        for (const answer of answersIn(text)) {
          seen.set(answer, (seen.get(answer) ?? 0) + 1)
          assert.match(answer, sound, `FUZZ_SEED=${seed}, request ${sent}: ${answer} to ${JSON.stringify(bytes)}`)
        }
      }
      const look = async (): Promise<void> => {
        stallMs = Math.max(stallMs, await eventLoopStall(world.replica.admin))
        for (const request of upstream.taken()) {
          forwarded += 1
          assert.equal(strangeIn(request, ids), undefined, `FUZZ_SEED=${seed}: ${JSON.stringify(request)}`)
        }
        assert.deepEqual(upstream.faults(), [], `FUZZ_SEED=${seed}`)
      }
      const worker = async (): Promise<void> => {
        while (sent < requests) {
          sent += 1
          const nth = sent
          await send()
          if (nth % lookEvery === 0) await look()
          if (nth % Math.ceil(requests / 10) === 0) residentMb.push(Math.round(memoryOf(pid)))
        }
      }
      // What was before the first look is the start of the process.
      await eventLoopStall(world.replica.admin)
      await Promise.all(Array.from({ length: concurrency }, worker))
      await look()
      // The first half is the heap finding its size.
      const half = Math.floor(residentMb.length / 2)
      const growthMb = Math.max(...residentMb.slice(half)) - Math.max(...residentMb.slice(0, half))
      const oks = seen.get('200') ?? 0
      const figures = {
        seed,
        requests,
        sentOn: forwarded,
        answered200: oks,
        neverFinished: unfinished,
        ...Object.fromEntries(
          [...seen].filter(([answer]) => answer !== '200').toSorted(([one], [other]) => one.localeCompare(other)),
        ),
        longestStallMs: rounded(stallMs),
        residentMb: residentMb.join(' '),
      }
      const story = JSON.stringify(figures)
      const lane = await fuzzTheLane({ connections: laneConnections, seed, stallMsMax }, world, upstream)
      assert.ok(!world.replica.process().hasEnded(), `it has ended: ${world.logs()}`)
      assert.doesNotMatch(world.logs(), /internal-error|uncaught/, story)
      assert.ok(forwarded > requests / 20, `most is refused: ${story}`)
      assert.ok(stallMs <= stallMsMax, `it stalls: ${story}`)
      assert.ok(growthMb <= growthMbMax, `it grows: ${story}`)
      return { ...figures, ...lane }
    } finally {
      await world.stop()
      await upstream.stop()
    }
  },
}

const concurrency = 24
const lookEvery = 500
/** Behind all others, so that the end is heard. */
const last = 'GET /health HTTP/1.1\r\nHost: gate.test\r\nConnection: close\r\n\r\n'

/** All that may come back: the service's own 200, refusals, and what is no more than on the way. */
const sound = /^(?:1\d\d|200|4\d\d [a-z-]+)$/
