import { Socket } from 'node:net'

/**
 * Makes a socket read what has come before it gives up writing. A service that refuses a large upload answers, closes
 * and so resets the connection while we still send; the write that fails then would throw away the answer that is
 * waiting to be read.
 */
export const answerFirst = (socket: Socket, patienceMs: number): void => {
  // The callback is one and the same function for all writes of a stream, so it is wrapped once.
  let told: Written | undefined
  let wrapped: Written = ignore
  const patient = (written: Written): Written => {
    if (written !== told) {
      told = written
      wrapped = (error) => {
        if (error === null || error === undefined) return written()
        // Nothing more is written. A reset connection ends for its reader at once, after what it has received; were
        // it not so, the failure would be told a little later.
        setTimeout(written, patienceMs, error).unref()
      }
    }
    return wrapped
  }
  socket._write = (chunk, encoding, written) => Socket.prototype._write.call(socket, chunk, encoding, patient(written))
  socket._writev = (chunks, written) => Socket.prototype._writev?.call(socket, chunks, patient(written))
}

type Written = (error?: Error | null) => void

const ignore = (): void => {}
