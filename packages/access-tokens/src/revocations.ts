import type { Clock } from '@gatehouse/clock/clock.ts'
import type { AccountEvent, FeedLine } from '@gatehouse/contract/events.ts'
import { expiringMap } from './expiring-map.ts'
import { uuidTimes } from './uuid-times.ts'

/** What this node knows of ended sessions and accounts, and how sure it may be of that. */
export type Revocations = {
  /** Takes a line of the feed: `feed.follow('in-force', revocations.receive)`. */
  readonly receive: (line: FeedLine) => void
  readonly isRevoked: (token: { readonly sid: string; readonly public_id: string; readonly epoch: number }) => boolean
  /** The lease: whether a token that is not revoked here is not revoked. Otherwise auth-service has to be asked. */
  readonly fresh: () => boolean
  /** Tells of each user some of whose tokens may have been revoked, as soon as it is known here. */
  readonly onRevoked: (told: (userId: string) => void) => void
  /** Whether all that was in force at the start has arrived. */
  readonly caughtUp: () => boolean
  /** Resolves with the first snapshot: before it a node must not call itself ready. */
  readonly ready: Promise<void>
  /** Milliseconds since the last heartbeat; Infinity before the first. */
  readonly stalenessMs: () => number
  readonly size: () => number
}

type Parts = {
  readonly clock: Clock
  /** How long the last heartbeat is good for. In one process too: there the heartbeats are a function call away. */
  readonly maxStalenessMs: number
  /** Entries kept; 30 bytes for an ended session, about 150 for an account. */
  readonly entriesMax?: number
}

/**
 * Kept for so long past `until`: a clock that is set back must not bring a token to life again whose revocation we have
 * forgotten.
 */
const graceMs = 300_000

type Raised = { readonly epoch: number; readonly kept: string | undefined; readonly until: number }

/**
 * Keeps each revocation until no token that it ends can be valid any more. Past `entriesMax` nothing more is kept, and
 * until the last one that was not kept is over this node trusts itself with no token at all: slow, but never wrong.
 */
export const revocations = ({ clock, maxStalenessMs, entriesMax = 4_000_000 }: Parts): Revocations => {
  // Times are whole seconds since `start`: such small numbers fit in 32 bits, and V8 keeps them inside a map, while a
  // number of milliseconds since 1970 is an object of its own.
  const start = clock.now()
  const endedSessions = uuidTimes()
  // Of an auth-service that gives its sessions names of another kind.
  const endedOthers = expiringMap<number>()
  const raisedUsers = expiringMap<Raised>()
  const listeners: ((userId: string) => void)[] = []
  const ready = Promise.withResolvers<void>()
  let isCaughtUp = false
  let heardAt = -Infinity
  let unkeptUntil = -Infinity

  const size = (): number => endedSessions.size() + endedOthers.size() + raisedUsers.size()
  const secondsOf = (time: number): number => Math.ceil((time - start) / 1000)

  const raise = (userId: string, { epoch, kept, until }: Raised): void => {
    const before = raisedUsers.get(userId)
    const higher = before !== undefined && before.epoch > epoch ? before : { epoch, kept }
    raisedUsers.set(userId, {
      epoch: higher.epoch,
      kept: higher.kept,
      until: Math.max(until, before?.until ?? until),
    })
  }
  const keep = (event: Exclude<AccountEvent, { readonly type: 'user.registered' }>): void => {
    const overAt = event.until + graceMs
    if (overAt <= clock.now()) return
    const until = secondsOf(overAt)
    if (size() >= entriesMax) unkeptUntil = Math.max(unkeptUntil, overAt)
    else if (event.type === 'user.deleted') raise(event.user_id, { epoch: Infinity, kept: undefined, until })
    else if (event.type === 'user.epoch-raised')
      raise(event.user_id, { epoch: event.epoch, kept: event.kept_session_id, until })
    else end(event.session_id, until)
  }
  const endOf = (session: string): number | undefined => endedSessions.get(session) ?? endedOthers.get(session)
  const end = (session: string, until: number): void => {
    // A clock that was set back before the start gives no time below 1: such an end is kept a little longer.
    const latest = Math.max(1, until, endOf(session) ?? until)
    if (!endedSessions.set(session, latest)) endedOthers.set(session, latest)
  }
  const sweep = (): void => {
    const now = (clock.now() - start) / 1000
    endedSessions.sweep(now)
    endedOthers.sweep((until) => until <= now)
    raisedUsers.sweep(({ until }) => until <= now)
  }

  return {
    receive: ({ type, event }) => {
      if (event !== undefined && event.type !== 'user.registered') {
        keep(event)
        for (const told of listeners) told(event.user_id)
      }
      if (type === 'event') return
      isCaughtUp = true
      ready.resolve()
      if (type !== 'heartbeat') return
      // Only a heartbeat renews the lease: an event tells that something happened, not that nothing else did.
      heardAt = clock.monotonic()
      sweep()
    },
    isRevoked: ({ sid, public_id, epoch }) => {
      if (endOf(sid) !== undefined) return true
      const raised = raisedUsers.get(public_id)
      return raised !== undefined && epoch < raised.epoch && sid !== raised.kept
    },
    onRevoked: (told) => void listeners.push(told),
    fresh: () => isCaughtUp && clock.monotonic() - heardAt <= maxStalenessMs && clock.now() > unkeptUntil,
    caughtUp: () => isCaughtUp,
    ready: ready.promise,
    stalenessMs: () => clock.monotonic() - heardAt,
    size,
  }
}
