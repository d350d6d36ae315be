import { limits } from './limits.ts'

/** Collects lines and writes them together: a write for each one costs more than making it. */
export type LineBuffer = {
  /** Takes a line, its end included. It is written within `limits.flushMs`. */
  readonly write: (line: string) => void
  /** Writes what there is, as far as the file takes it without making us wait. */
  readonly flush: () => void
  /** Lines that were not kept because too many waited already, since the start. */
  readonly dropped: () => number
  /** What waits to be written, in characters. */
  readonly waiting: () => number
}

/** Writes some of the bytes and says how many; throws when it cannot, now or ever. Never waits. */
export type Sink = (bytes: Buffer) => number

type Options = {
  readonly sink: Sink
  /** Told, once writing works again, how many lines were lost since it was told last. */
  readonly recovered: (lines: number) => void
}

/**
 * Opens a buffer before a file. Whoever reads the file may stall, and a disk may be full: what waits is bounded, what
 * comes over the bound is dropped and counted, and nobody who logs ever waits.
 */
export const lineBuffer = ({ sink, recovered }: Options): LineBuffer => {
  let held = ''
  /** What was held, on its way: a write may take a part of it. */
  let leaving = nothing
  let timer: NodeJS.Timeout | undefined
  let dropped = 0
  let droppedTold = 0

  const waiting = (): number => held.length + leaving.length

  const later = (ms: number): void => {
    // Nothing is kept alive by its log: at the end of the process what waits is written by `writeTheRest`.
    timer ??= setTimeout(flush, ms).unref()
  }

  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    try {
      while (waiting() > 0) {
        if (leaving.length === 0) {
          leaving = Buffer.from(held)
          held = ''
        }
        leaving = leaving.subarray(sink(leaving))
      }
    } catch {
      // A full pipe, a full disk, nobody there: all may pass. What became of it is seen in the count of lost lines.
      later(limits.retryMs)
      return
    }
    if (dropped > droppedTold) {
      const lines = dropped - droppedTold
      droppedTold = dropped
      recovered(lines)
    }
  }

  return {
    write: (line) => {
      if (waiting() + line.length > limits.waitingCharactersMax) {
        dropped += 1
        return
      }
      held += line
      // While a write is stalled its timer decides: each line would be one more vain attempt.
      if (held.length >= limits.flushCharacters && leaving.length === 0) flush()
      else later(limits.flushMs)
    },
    flush,
    dropped: () => dropped,
    waiting,
  }
}

const nothing = Buffer.alloc(0)
