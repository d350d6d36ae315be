import assert from 'node:assert/strict'
import type { Client } from '../system/client.ts'
import { oneOfEach, startManyProcesses } from '../system/many-processes.ts'
import type { OneProcess } from '../system/one-process.ts'
import type { StrictRequest } from '../system/strict-request.ts'
import { startStrictUpstream, type StrictUpstream } from '../system/strict-upstream.ts'
import { eventLoopStall } from './event-loop-stall.ts'
import { fuzzExchange, type Exchanged } from './fuzz-exchange.ts'
import { metric } from './metric.ts'
import { rounded, type Figures } from './proof.ts'
import { simpleRequests } from './simple-requests.ts'
import { strangeIn } from './strange-requests.ts'

type Size = { readonly connections: number; readonly seed: number; readonly stallMsMax: number }

/** A gateway, and the service behind its `/raw`. */
type Side = { readonly port: number; readonly admin: Client; readonly upstream: StrictUpstream }

/**
 * Says the same to a gateway that reads simple requests itself and to one that leaves them all to `node:http`: clients
 * and services must be told the same by both. How many requests the first one has read itself is among the figures.
 */
export const fuzzTheLane = async (
  { connections, seed, stallMsMax }: Size,
  whole: OneProcess,
  itsUpstream: StrictUpstream,
): Promise<Figures> => {
  const upstream = await startStrictUpstream()
  const routes = [{ prefix: '/raw', upstream: upstream.origin, access: 'public' }]
  const world = await startManyProcesses({ replicas: oneOfEach, settings: { LOG_LEVEL: 'error' }, routes })
  try {
    const [gateway] = world.replicas('api-gateway')
    assert.ok(gateway !== undefined)
    const fast: Side = { port: portOf(world.gateway), admin: gateway.admin, upstream }
    const slow: Side = { port: portOf(whole.gateway), admin: whole.replica.admin, upstream: itsUpstream }
    const next = simpleRequests(seed)
    const tally = { requests: 0, answers: 0, refusals: 0, unfinished: 0 }
    const heard = { fast: new Set<string>(), slow: new Set<string>() }
    const ids = { fast: new Set<string>(), slow: new Set<string>() }
    let [opened, stallMs] = [0, 0]

    const say = async (): Promise<void> => {
      const pieces = next()
      const story = (): string => `FUZZ_SEED=${seed}: ${JSON.stringify(pieces)}`
      const all = [...pieces, last]
      const both = (silentMs?: number): Promise<readonly Exchanged[]> =>
        Promise.all([fast, slow].map(({ port }) => fuzzExchange(port, opened, all, silentMs)))
      let outcomes = await both()
      // On a busy machine an answer may be late, and a request that was given up half-way: that is no verdict.
      if (!outcomes.every(({ isOver }) => isOver)) outcomes = await both(patienceMs)
      let [said = '', expected = ''] = outcomes.map(verdictOf)
      // Whether garbage behind a refused request is answered too, or finds the connection closed, is a matter of the
      // moment for both. Nothing else is: there they have a few tries to say the same.
      for (let tries = 0; said !== expected && withoutLast400(said) === withoutLast400(expected); tries += 1) {
        if (tries === triesMax) break
        ;[said = '', expected = ''] = (await both(patienceMs)).map(verdictOf)
      }
      assert.equal(said, expected, story())
      const statuses = Array.from(said.matchAll(/^HTTP\/1\.1 (\d{3}) /gm), ([, status]) => status ?? '')
      for (const status of statuses) assert.match(status, /^(?:1\d\d|200|4\d\d)$/, story())
      tally.requests += pieces.length
      tally.answers += statuses.length
      tally.refusals += statuses.filter((status) => status.startsWith('4')).length
      if (said.endsWith(isOpen)) tally.unfinished += 1
    }
    const look = async (): Promise<void> => {
      stallMs = Math.max(stallMs, await eventLoopStall(fast.admin))
      for (const [which, side] of [
        ['fast', fast],
        ['slow', slow],
      ] as const) {
        for (const request of side.upstream.taken()) {
          assert.equal(strangeIn(request, ids[which]), undefined, `FUZZ_SEED=${seed}: ${JSON.stringify(request)}`)
          heard[which].add(textOf(request))
        }
        assert.deepEqual(side.upstream.faults(), [], `FUZZ_SEED=${seed}`)
      }
    }
    const worker = async (): Promise<void> => {
      while (opened < connections) {
        opened += 1
        const nth = opened
        await say()
        if (nth % lookEvery === 0) await look()
      }
    }
    await eventLoopStall(fast.admin)
    itsUpstream.taken()
    await Promise.all(Array.from({ length: concurrency }, worker))
    await look()

    const [readByLane, besides] = [await laneRequests(fast), await laneRequests(slow)]
    const figures = {
      laneConnections: connections,
      laneRequests: tally.requests,
      laneRequestsReadByIt: readByLane,
      laneAnswers: tally.answers,
      laneRefusals: tally.refusals,
      laneNeverFinished: tally.unfinished,
      laneSentOn: heard.fast.size,
      laneLongestStallMs: rounded(stallMs),
    }
    const story = JSON.stringify(figures)
    const byOneOnly = [...heard.fast.symmetricDifference(heard.slow)]
    assert.equal(byOneOnly[0], undefined, `FUZZ_SEED=${seed}: ${byOneOnly.length} were sent on by one only`)
    assert.ok(!gateway.process().hasEnded(), `it has ended: ${world.logs()}`)
    assert.doesNotMatch(world.logs(), /internal-error|uncaught/, story)
    assert.equal(besides, 0, 'the one that is compared with has the lane as well')
    assert.ok(readByLane > tally.requests / 3, `the lane has read too few: ${story}`)
    assert.ok(stallMs <= stallMsMax, `it stalls: ${story}`)
    return figures
  } finally {
    await world.stop()
    await upstream.stop()
  }
}

const concurrency = 12
const lookEvery = 500
/** Four times over still less than a body that does not come is waited for: to be told so, or not, would be chance. */
const patienceMs = 2_000
const triesMax = 8

const withoutLast400 = (verdict: string): string =>
  verdict.replace(/HTTP\/1\.1 400 Refused\r\n(?![^]*HTTP\/1\.1)[^]*$|\n\d+ of them close$/, '')

/** Behind all others, so that the end is heard. */
const last = 'GET /raw/last HTTP/1.1\r\nHost: gate.test\r\nConnection: close\r\n\r\n'

const portOf = ({ origin }: Client): number => Number(new URL(origin).port)

const laneRequests = ({ admin }: Side): Promise<number> => metric(admin, 'http_fast_lane_requests_total')

const isOpen = '\nstill open'

/**
 * All that the client is told, without what is of this moment. Behind a body that was not asked for the end of the
 * connection is told by us where the body has not come by then, and by `node:http`, in other letters and at another
 * place, where it has: that it is told counts, not where.
 */
const verdictOf = ({ text, isOver }: Exchanged): string => {
  const closing = text.match(tellsTheEnd)?.length ?? 0
  return `${timeless(text).replaceAll(tellsTheEnd, '')}\n${closing} of them close${isOver ? '' : isOpen}`
}

const tellsTheEnd = /^connection: close\r\n/gim

/** A request as the service was sent it, without what is of this moment. */
const textOf = ({ line, fields, body }: StrictRequest): string =>
  timeless(`${line}\n${fields.map(([name, value]) => `${name}: ${value}\n`).join('')}\n${body}`)

const timeless = (text: string): string =>
  text
    .replaceAll(/^Date: .*$/gm, 'Date: now')
    .replaceAll(/^host: 127\.0\.0\.1:\d+$/gm, 'host: the service')
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id')
    .replaceAll(/^traceparent: (?!.*0af7651916cd43dd8448eb211c80319c).*$/gm, 'traceparent: new')
    .replaceAll(/^traceparent: (.*)-[0-9a-f]{16}-/gm, 'traceparent: $1-span-')
