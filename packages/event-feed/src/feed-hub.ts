import type { Clock } from '@gatehouse/clock/clock.ts'
import type { AccountEvent, FeedLine } from '@gatehouse/contract/events.ts'
import type { Log } from '@gatehouse/observe/log.ts'
import { backoff, pause } from './backoff.ts'
import { doorbell } from './doorbell.ts'
import type { EventLog } from './event-log.ts'
import { hubFollower, type HubFollower, type Pace } from './hub-follower.ts'
import type { LogSignal } from './log-signal.ts'
import { logTail } from './log-tail.ts'

/** The event feed (an `EventFeed`) where it springs: one in each process of auth-service. */
export type FeedHub = {
  /** As in `EventFeed`; `pace` is for a follower that cannot take a whole snapshot at once. */
  readonly follow: (from: number | 'in-force', receive: (line: FeedLine) => void, pace?: Pace) => () => void
  /**
   * Takes events this process has just committed. Every follower here has them before it returns; other replicas are
   * told.
   */
  readonly committed: (events: readonly AccountEvent[]) => void
  /** Finds the end of the log and begins to watch it. Tries until it can; followers wait for it. */
  readonly start: () => Promise<void>
  /**
   * Ends the followers in other processes (those with a `pace`), and each that comes from now on: they go on at another
   * replica. Called when the process begins to drain, because streams that never end would hold it up.
   */
  readonly endStreams: () => void
  /** Ends every follower, then waits for the read under way. */
  readonly stop: () => Promise<void>
  /** Milliseconds since the start of the last read of the log that succeeded; Infinity before the first. */
  readonly stalenessMs: () => number
}

type Parts = {
  readonly events: EventLog
  readonly signal: LogSignal
  readonly clock: Clock
  readonly log: Log
  /** From 0 up to 1, for the jitter of retries. */
  readonly random: () => number
  readonly pollMs?: number
  /** See `logTail`. */
  readonly gapMs?: number
  /** Rows read at a time. */
  readonly pageRows?: number
}

/** How often a heartbeat is sent, and how old the read that it tells of may be at most. */
const heartbeatMs = 1000
// A storm of signals is answered by at most so many reads a second: 1000 / this.
const restMs = 5
const lookBackRowsMax = 64_000

/** Makes the hub. Nothing is read before `start`. */
export const feedHub = (parts: Parts): FeedHub => {
  const { events, signal, clock, log, random, pollMs = 250, gapMs = 30_000, pageRows = 1000 } = parts
  const followers = new Map<{ readonly isStream: boolean }, HubFollower>()
  const bell = doorbell()
  const stopping = new AbortController()
  const started = Promise.withResolvers<void>()
  let isAway = false
  let isDraining = false
  let running: Promise<void> | undefined
  let readAt = -Infinity
  let beatAt = -Infinity

  const broadcast = (line: FeedLine): void => {
    for (const follower of followers.values()) follower.take(line)
  }
  const tail = logTail<AccountEvent>({
    clock,
    gapMs,
    deliver: (event) => broadcast({ type: 'event', resume: tail.resume(), event }),
  })
  const heartbeat = (): FeedLine | undefined =>
    clock.monotonic() - readAt < heartbeatMs ? { type: 'heartbeat', resume: tail.resume() } : undefined

  /** Runs a read of the log, and tells of an outage once, at its begin and at its end. */
  const reading = async (read: () => Promise<void>): Promise<boolean> => {
    try {
      await read()
      if (isAway) log.info({}, 'the event log can be read again')
      isAway = false
      return true
    } catch (err) {
      if (!isAway) log.warn({ err }, 'the event log cannot be read; followers get no heartbeat until it can')
      isAway = true
      return false
    }
  }

  const poll = async (): Promise<void> => {
    const startedAt = clock.monotonic()
    for (const { after, through } of tail.reads()) {
      for (let from = after; from < through;) {
        const limit = Math.min(pageRows, through - from)
        const rows = await events.readAfter(from, limit)
        tail.accept(rows)
        from = rows.length < limit ? through : (rows.at(-1)?.seq ?? through)
      }
    }
    tail.settle(startedAt)
    readAt = startedAt
    // Half a poll early rather than half a poll late: a poll never falls exactly on the second.
    if (clock.monotonic() - beatAt < heartbeatMs - pollMs / 2) return
    const beat = heartbeat()
    if (beat === undefined) return
    beatAt = clock.monotonic()
    broadcast(beat)
  }

  const findEnd = async (): Promise<void> => {
    const { after, rows } = await lookBack(events, pageRows, clock.now() - 2 * gapMs)
    tail.startAt(after, rows)
  }

  const watch = async (): Promise<void> => {
    const retry = backoff({ firstMs: 50, mostMs: 1000, random })
    while (!stopping.signal.aborted && !(await reading(findEnd))) await retry.wait(stopping.signal)
    started.resolve()
    while (!stopping.signal.aborted) {
      // After a failure signals are not listened to: a database in trouble is asked at the poll's pace and no faster.
      if (await reading(poll)) {
        await pause(restMs, stopping.signal)
        await bell.wait(Math.max(0, pollMs - restMs))
      } else await pause(pollMs, stopping.signal)
    }
  }

  const unlisten = signal.onGrew(bell.ring)
  return {
    follow: (from, receive, pace) => {
      const follower = hubFollower({
        from,
        receive,
        pace,
        events,
        resume: tail.resume,
        heartbeat,
        log,
        random,
        pageRows,
      })
      if (stopping.signal.aborted || (isDraining && pace !== undefined)) {
        follower.end()
        return () => {}
      }
      const key = { isStream: pace !== undefined }
      followers.set(key, follower)
      void started.promise.then(follower.begin)
      return () => {
        followers.delete(key)
        follower.end()
      }
    },
    committed: (rows) => {
      tail.accept(rows)
      signal.grew()
    },
    start: () => {
      running ??= watch()
      return started.promise
    },
    endStreams: () => {
      isDraining = true
      for (const [{ isStream }, follower] of followers) if (isStream) follower.end()
    },
    stop: async () => {
      stopping.abort()
      unlisten()
      bell.ring()
      for (const follower of followers.values()) follower.end()
      followers.clear()
      await running
    },
    stalenessMs: () => clock.monotonic() - readAt,
  }
}

/**
 * The last rows of the log, back to one that was written before `oldEnough`: whatever was given a smaller number than
 * that one has been committed or rolled back since, so below it nothing can still appear. Twice the time of a gap
 * allows for clocks that differ.
 */
const lookBack = async (
  events: EventLog,
  pageRows: number,
  oldEnough: number,
): Promise<{ readonly after: number; readonly rows: readonly AccountEvent[] }> => {
  const last = await events.last()
  for (let span = pageRows; ; span *= 2) {
    const after = Math.max(0, last - span)
    const rows: AccountEvent[] = []
    for (let from = after; from < last;) {
      const page = await events.readAfter(from, pageRows)
      rows.push(...page)
      from = page.at(-1)?.seq ?? last
    }
    const oldest = rows[0]
    if (after === 0 || span >= lookBackRowsMax || (oldest !== undefined && oldest.at < oldEnough))
      return { after, rows }
  }
}
