import type { TestContext } from 'node:test'
import type { FeedLine } from '@gatehouse/contract/events.ts'
import { movableClock, type MovableClock } from '@gatehouse/testing/movable-clock.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { feedHub } from '../feed-hub.ts'
import { quietLog } from './quiet-log.ts'
import { simulatedLog, type SimulatedLog } from './simulated-log.ts'

type Options = {
  readonly pollMs?: number
  readonly pageRows?: number
  readonly clock?: MovableClock
  readonly log?: SimulatedLog
}

/** A hub over a simulated log, which polls when the test rings unless a pace is given. It stops with the test. */
export const hubOf = (context: TestContext | undefined, options: Options = {}) => {
  const { pollMs = 60_000, pageRows = 1000, clock = movableClock(), log = simulatedLog(clock.now) } = options
  const bell = handBell()
  const hub = feedHub({ events: log, signal: bell, clock, log: quietLog, random: () => 0, pollMs, pageRows })
  context?.after(hub.stop)
  return { hub, log, bell, clock }
}

/** A follower that keeps every line, and does something in the middle of its snapshot. */
export const follower = (atFirstLine = (): void => {}) => {
  const lines: FeedLine[] = []
  return {
    lines,
    receive: (line: FeedLine) => {
      if (lines.push(line) === 1) atFirstLine()
    },
    seqs: () => lines.flatMap(({ event }) => (event === undefined ? [] : [event.seq])),
    types: () => lines.map(({ type }) => type),
    caughtUp: () => waitFor(() => lines.some(({ type }) => type === 'caught-up'), { what: 'the end of the snapshot' }),
  }
}

/** A signal that the test rings, and that counts how often the hub has told others. */
const handBell = () => {
  const listeners = new Set<() => void>()
  let told = 0
  return {
    ring: () => listeners.forEach((listener) => listener()),
    told: () => told,
    grew: () => {
      told += 1
    },
    onGrew: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: async () => {},
  }
}
