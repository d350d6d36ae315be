import type { QueryResult } from 'kysely'
import type { Turnstile } from './turnstile.ts'

/** Executes a statement that writes, and answers when that is committed. */
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
  readonly turn: Turnstile
  /** Writes in one transaction; more of them go in several, as long as the file is free. */
  readonly writesTogetherMax: number
  readonly waitingMax: number
  readonly asRefusal: (error: unknown) => unknown
  readonly refusal: (reason: string) => Error
}

/**
 * Commits the writes together that are asked for in the same turn of the event loop: a commit waits for the disk, and
 * the whole process with it (docs/decisions/0013-cost-of-a-write.md). Each is still all or nothing by itself: one that
 * meets a unique key fails alone. None is answered before the commit, and when that fails all have failed.
 */
export const groupedWrites = (parts: Parts): GroupedWrites => {
  const { turn, writesTogetherMax, waitingMax, refusal } = parts
  let waiting: Write[] = []

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
      await commit(group, parts)
    } catch (error) {
      for (const { reject } of group) reject(error)
    } finally {
      turn.leave()
    }
  }

  return {
    flush,
    write: (sql, parameters) => {
      if (waiting.length >= writesTogetherMax && !turn.isTaken()) void flush()
      else if (waiting.length >= waitingMax) return Promise.reject(refusal(`${waitingMax} writes wait already`))
      else if (waiting.length === 0) setImmediate(() => void flush())
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

const commit = async (group: readonly Write[], parts: Parts): Promise<void> => {
  const { run, runPatiently, isInTransaction, asRefusal } = parts
  const [only] = group
  if (only === undefined) return
  if (group.length === 1) return only.resolve(await runPatiently(only.sql, only.parameters))
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
    for (const answer of done) answer()
  } catch (error) {
    if (isInTransaction()) run('rollback', [])
    throw asRefusal(error)
  }
}
