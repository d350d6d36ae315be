import { closeSync, fdatasync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { unavailable } from './failures.ts'

/** Sees to it that what was committed survives a power cut, without stopping the event loop meanwhile. */
export type Flushes = {
  /**
   * Resolves when all that was committed before the call is on the disk; throws `database-unavailable` when the disk
   * fails. What is committed while a flush is under way waits for the next one, all of it for the same.
   */
  readonly flushed: () => Promise<void>
  readonly close: () => void
}

/** Has the disk take what was written to the log, and says when it has. */
export type Sync = {
  readonly start: (done: (error: Error | null) => void) => void
  readonly close: () => void
}

/** Flushes by `sync`, one at a time. */
export const flushesBy = ({ start, close }: Sync): Flushes => {
  let waiting: PromiseWithResolvers<void> | undefined
  let isUnderWay = false

  const next = (): void => {
    const these = waiting
    if (these === undefined) return
    // From now on nobody joins: what is committed later may not be a part of it.
    waiting = undefined
    isUnderWay = true
    start((error) => {
      isUnderWay = false
      next()
      if (error === null) these.resolve()
      else these.reject(unavailable(error))
    })
  }

  return {
    flushed: () => {
      waiting ??= Promise.withResolvers()
      const { promise } = waiting
      if (!isUnderWay) next()
      return promise
    },
    close,
  }
}

/**
 * Flushes the log of this database, which somebody has read from: that makes the log. A commit is in the log, so
 * `synchronous = normal` and this are together what `synchronous = full` is alone (https://www.sqlite.org/wal.html),
 * with the wait on a thread of the pool. The log stays the same file for as long as a connection is open. To close a
 * second descriptor of a file costs the process its locks on it; SQLite locks the other two and not this one.
 */
export const walSync = (database: DatabaseSync): Sync => {
  const path = database.location()
  if (path === null) return { start: (done) => done(null), close: () => {} }
  const descriptor = openSync(`${path}-wal`, 'r+')
  return { start: (done) => fdatasync(descriptor, done), close: () => closeSync(descriptor) }
}
