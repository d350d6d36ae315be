import type { Clock } from '@gatehouse/clock/clock.ts'

/** One stretch of the log to read: after `after`, up to and including `through`. */
export type LogRead = { readonly after: number; readonly through: number }

/**
 * Follows the end of a log whose numbers are given out before commit, so that a smaller one can appear after a larger
 * one.
 */
export type LogTail<Row> = {
  /**
   * Begins: nothing at or below `after` can still appear, and these rows after it are known already. They are not
   * delivered.
   */
  readonly startAt: (after: number, rows: readonly Row[]) => void
  /** Takes rows in any order, from any source, any number of times. Each is delivered once. */
  readonly accept: (rows: readonly Row[]) => void
  /**
   * What has to be read now to see every row that can still appear, in ascending order; the last stretch is open-ended.
   */
  readonly reads: () => readonly LogRead[]
  /**
   * Says that all `reads()` were done after `startedAt` (monotonic) and accepted: numbers missing for too long were
   * rolled back.
   */
  readonly settle: (startedAt: number) => void
  /** Every row up to here has been delivered, or will never exist. */
  readonly resume: () => number
}

type Parts<Row> = {
  readonly clock: Clock
  readonly deliver: (row: Row) => void
  /** How long a missing number is watched. No writing transaction may live that long. */
  readonly gapMs?: number
  /**
   * Gaps watched at once. Past it neighbours are watched as one, and rows between them may be delivered twice, but none
   * is lost.
   */
  readonly gapsMax?: number
}

/** Numbers that were given out and have not appeared. */
type Gap = { readonly from: number; readonly to: number; readonly since: number }

/** Gaps this close are read in one query: a few rows too many cost less than a round trip. */
const nearRows = 1000

/** Makes an empty tail. It reads nothing itself: rows are handed to it. */
export const logTail = <Row extends { readonly seq: number }>(parts: Parts<Row>): LogTail<Row> => {
  const { clock, deliver, gapMs = 30_000, gapsMax = 50_000 } = parts
  // Ascending and disjoint; also ascending in `since`, because new gaps open only above all others.
  let gaps: Gap[] = []
  let highest = 0

  const isNew = (seq: number): boolean => {
    if (seq <= highest) return fill(gaps, seq)
    if (seq > highest + 1) gaps.push({ from: highest + 1, to: seq - 1, since: clock.monotonic() })
    highest = seq
    return true
  }

  const accept = (rows: readonly Row[], onNew: (row: Row) => void): void => {
    for (const row of rows) {
      const fresh = isNew(row.seq)
      if (gaps.length > gapsMax) joinOldest(gaps)
      if (fresh) onNew(row)
    }
  }

  return {
    startAt: (after, rows) => {
      gaps = []
      highest = after
      accept(rows, () => {})
    },
    accept: (rows) => accept(rows, deliver),
    reads: () => {
      const reads: LogRead[] = []
      for (const { from, to } of [...gaps, { from: highest + 1, to: Infinity }]) {
        const before = reads.at(-1)
        if (before !== undefined && from - before.through <= nearRows)
          reads[reads.length - 1] = { ...before, through: to }
        else reads.push({ after: from - 1, through: to })
      }
      return reads
    },
    settle: (startedAt) => {
      // By the start of a read that succeeded, not by the clock alone: a process that was paused, or cut off from its
      // database, must look once more before it believes that a row will never come.
      const isOver = ({ since }: Gap): boolean => since + gapMs <= startedAt
      const living = gaps.findIndex((gap) => !isOver(gap))
      gaps.splice(0, living === -1 ? gaps.length : living)
    },
    resume: () => (gaps[0] === undefined ? highest : gaps[0].from - 1),
  }
}

/** Takes a number out of the gap it is missing in. False when it is in none: then it has been seen. */
const fill = (gaps: Gap[], seq: number): boolean => {
  let low = 0
  let high = gaps.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((gaps[middle]?.to ?? 0) < seq) low = middle + 1
    else high = middle
  }
  const gap = gaps[low]
  if (gap === undefined || seq < gap.from) return false
  const left = { ...gap, to: seq - 1 }
  const right = { ...gap, from: seq + 1 }
  gaps.splice(low, 1, ...[left, right].filter(({ from, to }) => from <= to))
  return true
}

const joinOldest = (gaps: Gap[]): void => {
  const [first, second] = gaps
  if (first !== undefined && second !== undefined) gaps.splice(0, 2, { ...second, from: first.from })
}
