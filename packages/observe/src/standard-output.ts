import { writeSync } from 'node:fs'
import { limits } from './limits.ts'
import type { LineBuffer, Sink } from './line-buffer.ts'

/**
 * The standard output, written to without ever waiting for whoever reads it: a stalled collector of logs must not stall
 * requests.
 */
export const standardOutput = (): Sink => {
  // Node makes a pipe or a socket non-blocking when it is first looked at, and only then.
  const { fd } = process.stdout
  return (bytes) => writeSync(fd, bytes)
}

/**
 * Writes what waits when the process ends, however it ends; for a reader that stalls it waits a little, and not for
 * ever. Nothing can be done about `kill -9`.
 */
export const writeTheRestAtTheEnd = ({ flush, waiting }: LineBuffer): void => {
  process.on('exit', () => {
    const pauseMs = 5
    for (let waitedMs = 0; waitedMs < limits.lastWordsMs; waitedMs += pauseMs) {
      flush()
      if (waiting() === 0) return
      // The event loop is over: this is the only wait there is left.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs)
    }
  })
}
