import type { Transaction } from 'kysely'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { AccountEvent, NewAccountEvent } from '@gatehouse/contract/events.ts'
import type { EventLog } from '@gatehouse/event-feed/event-log.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import { prepared } from '@gatehouse/sql/prepared.ts'
import type { Tables } from './tables.ts'

/** Writes an event inside the transaction of the thing that happened. */
export type RecordEvent = (event: NewAccountEvent) => Promise<void>

/** The event log, and the only way to write it: together with what it tells of, or not at all. */
export type RecordingLog = EventLog & {
  /**
   * Runs `work` in a transaction; once that is committed, and not before, `committed` hears of the events it recorded.
   */
  readonly recording: <T>(work: (trx: Transaction<Tables>, record: RecordEvent) => Promise<T>) => Promise<T>
}

type Parts = {
  readonly database: Database<Tables>
  readonly clock: Clock
  readonly committed: (events: readonly AccountEvent[]) => void
}

/** The log on SQL. `committed` hears of events in this process once their transaction is over. */
export const eventLog = ({ database, clock, committed }: Parts): RecordingLog => {
  const insert = prepared(database.query, (query, row: Omit<Row, 'seq'>) =>
    query.insertInto('events').values({
      at: row.at,
      type: row.type,
      user_id: row.user_id,
      session_id: row.session_id,
      epoch: row.epoch,
      kept_session_id: row.kept_session_id,
      until: row.until,
    }),
  )
  return {
    recording: async (work) => {
      const { result, events } = await database.transaction(async (trx) => {
        // Made anew at each attempt: what a rolled-back one recorded did not happen.
        const events: AccountEvent[] = []
        const result = await work(trx, async (event) => {
          const row = { at: clock.now(), ...columns(event) }
          const { insertId } = await insert(row, trx)
          events.push(domain({ ...row, seq: Number(insertId) }))
        })
        return { result, events }
      })
      if (events.length > 0) committed(events)
      return result
    },

    readInForce: async (after, limit) => {
      const now = clock.now()
      const first = after > 0 ? after + 1 : await firstInForce(database, now)
      if (first === undefined) return []
      const rows = await database.query
        .selectFrom('events')
        .selectAll()
        .where('seq', '>=', first)
        .where('until', '>', now)
        .orderBy('seq')
        .limit(limit)
        .execute()
      return rows.map(domain)
    },

    readAfter: async (seq, limit) => {
      const rows = await database.query
        .selectFrom('events')
        .selectAll()
        .where('seq', '>', seq)
        .orderBy('seq')
        .limit(limit)
        .execute()
      return rows.map(domain)
    },

    last: async () => {
      const row = await database.query
        .selectFrom('events')
        .select(({ fn }) => fn.max('seq').as('seq'))
        .executeTakeFirst()
      return row?.seq ?? 0
    },
  }
}

/**
 * Where a snapshot begins. What is in force was written lately, and before it stand all the registrations there ever
 * were: without this a database goes through a million of them to find the first page.
 */
const firstInForce = async ({ query }: Database<Tables>, now: number): Promise<number | undefined> => {
  const row = await query
    .selectFrom('events')
    .select(({ fn }) => fn.min('seq').as('seq'))
    .where('until', '>', now)
    .executeTakeFirst()
  return row?.seq ?? undefined
}

type Row = Columns & { readonly seq: number; readonly at: number }
type Columns = {
  readonly type: string
  readonly user_id: string
  readonly session_id: string | null
  readonly epoch: number | null
  readonly kept_session_id: string | null
  readonly until: number | null
}

const columns = (event: NewAccountEvent): Columns => ({
  type: event.type,
  user_id: event.user_id,
  session_id: event.type === 'session.ended' ? event.session_id : null,
  epoch: event.type === 'user.epoch-raised' ? event.epoch : null,
  kept_session_id: event.type === 'user.epoch-raised' ? (event.kept_session_id ?? null) : null,
  until: event.type === 'user.registered' ? null : event.until,
})

const domain = ({ type, seq, at, user_id, session_id, epoch, kept_session_id, until }: Row): AccountEvent => {
  switch (type) {
    case 'user.registered':
      return { type, seq, at, user_id }
    case 'user.deleted':
      return { type, seq, at, user_id, until: until ?? 0 }
    case 'user.epoch-raised':
      return {
        type,
        seq,
        at,
        user_id,
        epoch: epoch ?? 0,
        ...(kept_session_id === null ? {} : { kept_session_id }),
        until: until ?? 0,
      }
    case 'session.ended':
      return { type, seq, at, user_id, session_id: session_id ?? '', until: until ?? 0 }
    default:
      // Written by a newer release: passing it over could pass over a revocation.
      throw new Error(`event ${seq} is of a type that this release does not know: ${type}`)
  }
}
