import type { QueryResult } from 'kysely'
import type { Turnstile } from './turnstile.ts'

/** Executes a statement that writes, and answers when that is on the disk. */
export type GroupedWrites = {
  readonly write: (sql: string, parameters: readonly unknown[]) => Promise<QueryResult<unknown>>
  /** Commits what waits for the end of the turn of the event loop; resolves when there is nothing left of it. */
  readonly flush: () => Promise<void>
}

type Parts = {
  /** Executes a statement now. */
  readonly run: (sql: string, parameters: readonly unknown[]) => QueryResult<unknown>
  /** The same, and waits while another process writes. */
  readonly runPatiently: (sql: string, parameters: readonly unknown[]) => Promise<QueryResult<unknown>>
  readonly isInTransaction: () => boolean
  /** Waits until what was committed is on the disk. */
  readonly flushed: () => Promise<void>
  readonly turn: Turnstile
  /** Writes in one transaction; more of them go in several, as long as the file is free. */
  readonly writesTogetherMax: number
  readonly waitingMax: number
  readonly asRefusal: (error: unknown) => unknown
  readonly refusal: (reason: string) => Error
}

/**
 * Commits the writes together that are asked for in the same turn of the event loop: most of what a small write costs
 * is its commit (docs/decisions/0013-cost-of-a-write.md). Each is still all or nothing by itself: one that meets a
 * unique key fails alone. None is answered before all of them are on the disk, and when that fails all have failed.
 */
export const groupedWrites = (parts: Parts): GroupedWrites => {
  const { turn, flushed, writesTogetherMax, waitingMax, refusal } = parts
  let waiting: Write[] = []
  /** Groups that are committed and wait for the disk. */
  let unflushed = 0

  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return
    try {
      await turn.enter()
    } catch (error) {
      for (const { reject } of waiting.splice(0)) reject(error)
      return
    }
    // Taken now and not before: who came while others had the turn goes with the rest.
    const group = waiting
    waiting = []
    try {
      const answers = await commit(group, parts).finally(turn.leave)
      unflushed += 1
      await flushed().finally(() => (unflushed -= 1))
      for (const answer of answers) answer()
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
    if (unflushed === 0) void flush()
  }

  return {
    flush,
    write: (sql, parameters) => {
      if (waiting.length >= writesTogetherMax && !turn.isTaken()) void flush()
      else if (waiting.length >= waitingMax) return Promise.reject(refusal(`${waitingMax} writes wait already`))
      // Committed while the disk is waited for, it would have to wait for the next flush all the same: until then more
      // come that go with it.
      else if (waiting.length === 0 && unflushed === 0) setImmediate(() => void flush())
      const { promise, resolve, reject } = Promise.withResolvers<QueryResult<unknown>>()
      waiting.push({ sql, parameters, resolve, reject })
      return promise
    },
  }
}

type Write = Omit<PromiseWithResolvers<QueryResult<unknown>>, 'promise'> & {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** Commits them, and answers what is to be said to each when that is on the disk. */
const commit = async (group: readonly Write[], parts: Parts): Promise<readonly (() => void)[]> => {
  const { run, runPatiently, isInTransaction, asRefusal } = parts
  const [only] = group
  if (only === undefined) return []
  if (group.length === 1) {
    const result = await runPatiently(only.sql, only.parameters)
    return [() => only.resolve(result)]
  }
  await runPatiently('begin immediate', [])
  try {
    const done = group.map((write) => {
      try {
        const result = run(write.sql, write.parameters)
        return () => write.resolve(result)
      } catch (error) {
        // SQLite has undone this one statement; or, after a failure of the disk, all of them.
        if (!isInTransaction()) throw error
        return () => write.reject(asRefusal(error))
      }
    })
    run('commit', [])
    return done
  } catch (error) {
    if (isInTransaction()) run('rollback', [])
    throw asRefusal(error)
  }
}
