import type { FeedLine } from '@gatehouse/contract/events.ts'
import type { Log } from '@gatehouse/observe/log.ts'
import { backoff } from './backoff.ts'
import type { EventLog } from './event-log.ts'

/** How a follower slows down the snapshot it is sent, and hears of the end. */
export type Pace = {
  /** Returns when there is room for another page of lines. */
  readonly drained: () => Promise<void>
  /** There will be no more lines. */
  readonly ended: () => void
}

/**
 * One follower of the hub: first it is sent what the log holds, then what is new, and nothing falls between the two.
 */
export type HubFollower = {
  readonly begin: () => void
  /** Takes a new line, to send at once or after the snapshot. Never throws: one follower's fault is not the others'. */
  readonly take: (line: FeedLine) => void
  /** No line is sent after it has been called. */
  readonly end: () => void
}

type Parts = {
  readonly from: number | 'in-force'
  readonly receive: (line: FeedLine) => void
  readonly pace: Pace | undefined
  readonly events: EventLog
  /** The place up to which the hub misses nothing. */
  readonly resume: () => number
  /** A heartbeat, if the log has been read just now. */
  readonly heartbeat: () => FeedLine | undefined
  readonly log: Log
  readonly random: () => number
  readonly pageRows: number
}

/** New lines that wait while a snapshot is sent. Past it the snapshot is continued by reading, and none is lost. */
const waitingMax = 10_000

/** Makes a follower that waits for `begin`. */
export const hubFollower = (parts: Parts): HubFollower => {
  const { from, receive, pace, events, resume, heartbeat, log, pageRows } = parts
  const ending = new AbortController()
  const retry = backoff({ firstMs: 20, mostMs: 1000, random: parts.random })
  /** The highest `resume` it has been sent: where to begin again after a fault. */
  let sent = from === 'in-force' ? 0 : from
  /** Undefined once the follower is up to date and takes lines as they come. */
  let waiting: FeedLine[] | undefined = []
  let isOverflowed = false

  const send = (line: FeedLine): void => {
    if (ending.signal.aborted) return
    receive(line)
    sent = Math.max(sent, line.resume)
  }

  const sendSnapshot = async (settled: number): Promise<void> => {
    for (let after = sent, rows = pageRows; rows === pageRows && !ending.signal.aborted;) {
      const page = await (from === 'in-force' ? events.readInForce(after, pageRows) : events.readAfter(after, pageRows))
      // Past `settled` a smaller number may still be on its way: it will come as a new line.
      for (const event of page) send({ type: 'event', resume: Math.min(event.seq, settled), event })
      rows = page.length
      after = page.at(-1)?.seq ?? after
      // A database in this very process answers without ever yielding: the rest of the process must have its turn.
      await (pace === undefined ? new Promise(setImmediate) : pace.drained())
    }
  }

  const catchUp = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      // In this order: whatever is delivered from here on waits, whatever was delivered before is seen by the read.
      const lines: FeedLine[] = []
      waiting = lines
      isOverflowed = false
      const settled = resume()
      try {
        await sendSnapshot(settled)
        if (isOverflowed) continue
        send({ type: 'caught-up', resume: settled })
        for (const line of lines) send(line)
        const beat = heartbeat()
        if (beat !== undefined) send(beat)
        waiting = undefined
        retry.reset()
        return
      } catch (err) {
        log.warn({ err }, 'a follower of the event feed could not be brought up to date; trying again')
        await retry.wait(ending.signal)
      }
    }
  }

  return {
    begin: () => void catchUp(),
    take: (line) => {
      if (waiting !== undefined) {
        // A heartbeat before the snapshot is whole would be a lie.
        if (line.type === 'heartbeat') return
        if (waiting.length < waitingMax) waiting.push(line)
        else isOverflowed = true
        return
      }
      try {
        send(line)
      } catch (err) {
        log.error({ err }, 'a follower of the event feed failed; it begins again where it was')
        waiting = []
        void retry.wait(ending.signal).then(catchUp)
      }
    },
    end: () => {
      if (ending.signal.aborted) return
      ending.abort()
      pace?.ended()
    },
  }
}
