import type { Duplex } from 'node:stream'

/** Heads of which the time began before `node:http` was given their connection. */
export type BegunHeads = {
  /** The first head on this connection has so much time left, whatever else `node:http` gives it. */
  readonly begun: (socket: Duplex, leftMs: number) => void
  /** It is whole. */
  readonly whole: (socket: Duplex) => void
}

/**
 * Tells of those that are not whole in time. The clock of `node:http` starts when it is given a connection: who has let
 * the lane wait first would have twice as long. A connection on which nothing had begun is none of these.
 */
export const begunHeads = (tellTooLate: (socket: Duplex) => void): BegunHeads => {
  const timers = new Map<Duplex, NodeJS.Timeout>()

  const whole = (socket: Duplex): void => {
    // Asked at every request, and nearly always there are none.
    if (timers.size === 0) return
    clearTimeout(timers.get(socket))
    timers.delete(socket)
  }
  const forget = function (this: Duplex): void {
    whole(this)
  }

  return {
    begun: (socket, leftMs) => {
      const late = (): void => {
        timers.delete(socket)
        tellTooLate(socket)
      }
      timers.set(socket, setTimeout(late, leftMs))
      socket.once('close', forget)
    },
    whole,
  }
}
