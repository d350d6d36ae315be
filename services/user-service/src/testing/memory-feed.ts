import type { AccountEvent, EventFeed, FeedLine, NewAccountEvent } from '@gatehouse/contract/events.ts'

/** The event log and its feed in memory, for the tests of those who follow it. */
export type MemoryFeed = EventFeed & {
  /** Writes an event and sends it to all who follow. */
  readonly append: (event: NewAccountEvent) => number
  /** Sends the last event once more, as a feed does that re-reads an overlap. */
  readonly repeat: () => void
  readonly followers: () => number
}

/** Makes an empty one. Lines come within the call, as they may from a feed that is in the same process. */
export const memoryFeed = (): MemoryFeed => {
  const log: AccountEvent[] = []
  const receivers = new Set<(line: FeedLine) => void>()
  const send = (event: AccountEvent): void => {
    for (const receive of receivers) receive({ type: 'event', resume: log.length, event })
  }
  return {
    append: (event) => {
      const written: AccountEvent = { ...event, seq: log.length + 1, at: 0 }
      log.push(written)
      send(written)
      return written.seq
    },
    repeat: () => log.slice(-1).forEach(send),
    followers: () => receivers.size,
    follow: (from, receive) => {
      const after = from === 'in-force' ? 0 : from
      for (const event of log.slice(after)) receive({ type: 'event', resume: event.seq, event })
      receive({ type: 'caught-up', resume: log.length })
      receivers.add(receive)
      return () => receivers.delete(receive)
    },
  }
}
