import type { Socket } from 'node:net'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Fault } from '../answer-unread.ts'
import { behindTheTurn } from '../behind-the-turn.ts'
import type { ServerLimits } from '../limits.ts'
import type { Listener } from '../listener.ts'
import type { Many } from '../under-way.ts'
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
  readonly answers: Many<LaneAnswer>
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
  readonly limits: Pick<ServerLimits, 'headerBytesMax' | 'headersTimeoutMs' | 'keepAliveTimeoutMs'>
  readonly closeSoon: (socket: Socket) => void
  readonly refuse: (fault: Fault, socket: Socket) => void
  /** With how long its head has left, where one has begun. */
  readonly handOver: (socket: Socket, headLeftMs?: number) => void
}

/**
 * Serves what there is most of, small requests in their simplest form, for less than `node:http` takes for
 * them (docs/decisions/0008-cost-of-a-request.md). Everything else is handed over to it.
 */
export const fastLane = ({
  serve,
  takes = everything,
  clock,
  limits,
  closeSoon,
  refuse,
  handOver,
}: Parts): FastLane => {
  const all = new Set<LaneConnection>()
  let isDraining = false
  let [requests, ended] = [0, 0]

  const tickMs = Math.min(tickMsMax, Math.max(10, Math.min(limits.keepAliveTimeoutMs, limits.headersTimeoutMs) / 10))
  const lane: Lane = {
    serve,
    takes,
    memory: headMemory(),
    headerBytesMax: limits.headerBytesMax,
    dateField: dateFieldOf(clock),
    keepAliveField: `Keep-Alive: timeout=${Math.floor(limits.keepAliveTimeoutMs / 1_000)}\r\n`,
    isDraining: () => isDraining,
    ticks: {
      head: Math.ceil(limits.headersTimeoutMs / tickMs),
      // A second more than what the client is told: its request may be on its way.
      keepAlive: Math.ceil((limits.keepAliveTimeoutMs + 1_000) / tickMs),
    },
    left: (connection) => all.delete(connection),
    begun: () => (requests += 1),
    ended: () => (ended += 1),
    sendSoon: behindTheTurn((connection) => connection.send()),
    closeSoon,
    refuse,
    handOver: (socket, ticksLeft) =>
      // Never less than it would have had here: the tick that is running counts for nothing.
      handOver(socket, ticksLeft === undefined ? undefined : (ticksLeft + 1) * tickMs),
  }
  const sweep = setInterval(() => {
    all.forEach(tick)
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
    answers: {
      forEach: (look) =>
        all.forEach(({ answer }) => {
          if (answer !== undefined) look(answer)
        }),
    },
    inFlight: () => requests - ended,
    requests: () => requests,
    stop: () => clearInterval(sweep),
  }
}

const everything = (): boolean => true

const tick = (connection: LaneConnection): void => connection.tick()

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
