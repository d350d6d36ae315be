import type { Socket } from 'node:net'
import type { Clock } from '@gatehouse/clock/clock.ts'
import { behindTheTurn } from '../behind-the-turn.ts'
import type { ServerLimits } from '../limits.ts'
import type { Listener } from '../listener.ts'
import { headMemory } from './head-memory.ts'
import type { LaneAnswer } from './lane-answer.ts'
import { LaneConnection, type Lane } from './lane-connection.ts'

/** Connections whose requests are read by us while they are simple. */
export type FastLane = {
  /** Takes a connection that was just opened. */
  readonly take: (socket: Socket) => void
  /** From now on every client is told not to return. */
  readonly drain: () => void
  /** Closes the connections that wait for a request. */
  readonly closeIdle: () => void
  readonly closeAll: () => void
  /** The answers under way. */
  readonly answers: () => Iterable<LaneAnswer>
  /** Requests that have no whole answer yet. */
  readonly inFlight: () => number
  /** How many requests it has read so far. */
  readonly requests: () => number
  /** Looks after nobody's time any more. */
  readonly stop: () => void
}

/** What may be served from the lane, and by whom. */
export type Laned = {
  readonly serve: Listener
  /** Whether a request for this is; all are unless told. */
  readonly takes?: ((method: string, target: string) => boolean) | undefined
}

type Parts = Laned & {
  readonly clock: Clock
  readonly limits: Pick<ServerLimits, 'headerBytesMax' | 'keepAliveTimeoutMs'>
  readonly closeSoon: (socket: Socket) => void
  /** Does something in one of the next turns of the event loop, where many at once would keep others waiting. */
  readonly soon: (thing: () => void) => void
  readonly handOver: (socket: Socket) => void
}

/**
 * Serves what there is most of, small requests in their simplest form, for less than `node:http` takes for
 * them (docs/decisions/0008-cost-of-a-request.md). Everything else is handed over to it.
 */
export const fastLane = ({ serve, takes = everything, clock, limits, closeSoon, soon, handOver }: Parts): FastLane => {
  const all = new Set<LaneConnection>()
  let isDraining = false
  let [requests, ended] = [0, 0]

  const tickMs = Math.min(tickMsMax, Math.max(10, limits.keepAliveTimeoutMs / 10))
  const lane: Lane = {
    serve,
    takes,
    memory: headMemory(),
    headerBytesMax: limits.headerBytesMax,
    dateField: dateFieldOf(clock),
    keepAliveField: `Keep-Alive: timeout=${Math.floor(limits.keepAliveTimeoutMs / 1_000)}\r\n`,
    isDraining: () => isDraining,
    ticks: {
      firstWord: 1,
      // A second more than what the client is told: its request may be on its way.
      keepAlive: Math.ceil((limits.keepAliveTimeoutMs + 1_000) / tickMs),
    },
    left: (connection) => all.delete(connection),
    begun: () => (requests += 1),
    ended: () => (ended += 1),
    sendSoon: behindTheTurn((connection) => connection.send()),
    closeSoon,
    soon,
    handOver,
  }
  const sweep = setInterval(() => {
    for (const connection of all) connection.tick()
  }, tickMs).unref()

  return {
    take: (socket) => all.add(new LaneConnection(lane, socket)),
    drain: () => {
      isDraining = true
      for (const connection of all) connection.sendElsewhere()
    },
    closeIdle: () => {
      for (const connection of all) if (connection.isIdle()) connection.socket.destroy()
    },
    closeAll: () => {
      for (const { socket } of all) socket.destroy()
    },
    *answers() {
      for (const { answer } of all) if (answer !== undefined) yield answer
    },
    inFlight: () => requests - ended,
    requests: () => requests,
    stop: () => clearInterval(sweep),
  }
}

const everything = (): boolean => true

/** One timer for all connections, where one for each would be set anew by every request. */
const tickMsMax = 500

/** Made anew once in a second: it has no finer digits. */
const dateFieldOf = ({ now }: Clock): (() => string) => {
  let second = Number.NaN
  let field = ''
  return () => {
    const at = Math.floor(now() / 1_000)
    if (at !== second) {
      second = at
      field = `Date: ${new Date(at * 1_000).toUTCString()}\r\n`
    }
    return field
  }
}
