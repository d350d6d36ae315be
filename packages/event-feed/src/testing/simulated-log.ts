import type { AccountEvent } from '@gatehouse/contract/events.ts'
import type { EventLog } from '../event-log.ts'

/**
 * An event log for tests, whose transactions are begun, committed and rolled back by hand, and which can be taken away.
 */
export type SimulatedLog = EventLog & {
  /** Gives out the next number, as a transaction does that has inserted its row and not committed. */
  readonly begin: () => OpenTransaction
  /** Begins and commits at once. */
  readonly write: () => AccountEvent
  readonly rows: () => readonly AccountEvent[]
  /** From now on every read fails, until it is told otherwise. */
  readonly setAway: (isAway: boolean) => void
  /** How many reads have failed so far. */
  readonly failures: () => number
}

/** A transaction that has its number and is not committed. Forgotten, it is rolled back. */
export type OpenTransaction = { readonly seq: number; readonly commit: () => AccountEvent }

/**
 * Makes an empty log. Every read takes a turn of the event loop, so that other things happen in between, as they do.
 */
export const simulatedLog = (now: () => number): SimulatedLog => {
  const committed = new Map<number, AccountEvent>()
  let given = 0
  let isAway = false
  let failures = 0

  const begin = (): OpenTransaction => {
    const seq = (given += 1)
    return {
      seq,
      commit: () => {
        const event = sessionEnded(seq, now())
        committed.set(seq, event)
        return event
      },
    }
  }
  const sorted = (): AccountEvent[] => [...committed.values()].toSorted((a, b) => a.seq - b.seq)
  const read = async (after: number, limit: number): Promise<readonly AccountEvent[]> => {
    await new Promise(setImmediate)
    if (isAway) {
      failures += 1
      throw new Error('the log is away')
    }
    const rows = sorted().filter(({ seq }) => seq > after)
    const page = rows.slice(0, limit)
    await new Promise(setImmediate)
    return page
  }
  return {
    begin,
    write: () => begin().commit(),
    rows: sorted,
    setAway: (value) => {
      isAway = value
    },
    failures: () => failures,
    readAfter: read,
    readInForce: read,
    last: async () => (await read(0, Infinity)).at(-1)?.seq ?? 0,
  }
}

/** An event of the commonest kind, valid for a day. */
export const sessionEnded = (seq: number, at: number): AccountEvent => ({
  type: 'session.ended',
  seq,
  at,
  user_id: `user-${seq % 7}`,
  session_id: `session-${seq}`,
  until: at + 86_400_000,
})
