import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'

/** How long answers may wait for clients that do not take them. */
export type AnswerLimits = {
  /** A client that takes nothing for so long is cut. */
  readonly answerStallMs: number
  /** Of answers of which nothing was taken for `answerHaltMs`, so many may wait; beyond that the longest are cut. */
  readonly answersHaltedMax: number
  readonly answerHaltMs: number
}

/**
 * Looks at the answers under way, and cuts those whose clients do not read: each would hold a place at a service, two
 * connections and their buffers for ever, for a connection that nobody reads does not break. To be called every
 * `everyMs`. Bytes count when the kernel has taken them, which it does by buffers: one that is slow and reads is safe.
 */
export const stalledAnswers = (
  { answerStallMs, answersHaltedMax, answerHaltMs }: AnswerLimits,
  everyMs: number,
): ((underWay: Iterable<ServerResponse>) => void) => {
  const seen = new WeakMap<ServerResponse, Waiting>()

  const lookAt = (res: ServerResponse): Waiting | undefined => {
    const { socket, req } = res
    // Over HTTP/2 a connection carries many answers, and each has a time of its own.
    if (!res.headersSent || req.httpVersionMajor > 1 || socket === null || socket.writableLength === 0) return undefined
    const taken = socket.bytesWritten - socket.writableLength
    const waiting = seen.get(res)
    if (waiting?.taken === taken) {
      waiting.ms += everyMs
      return waiting
    }
    seen.set(res, { socket, taken, ms: 0 })
    return undefined
  }

  return (underWay) => {
    const halted: Waiting[] = []
    for (const res of underWay) {
      const waiting = lookAt(res)
      if (waiting !== undefined && waiting.ms >= Math.min(answerHaltMs, answerStallMs)) halted.push(waiting)
    }
    const tooLong = halted.filter(({ ms }) => ms >= answerStallMs).length
    const tooMany = halted.length - answersHaltedMax
    if (tooLong === 0 && tooMany <= 0) return
    halted
      .toSorted((one, other) => other.ms - one.ms)
      .slice(0, Math.max(tooLong, tooMany))
      .forEach(cut)
  }
}

/** An answer that waits for its client. */
type Waiting = {
  readonly socket: Socket
  /** Bytes of its connection that the kernel had taken at the last look. */
  readonly taken: number
  /** Since then, as far as it was looked at. */
  ms: number
}

/** By a reset, where there is one: an orderly end could be taken for the end of the answer. */
const cut = ({ socket }: Waiting): void => {
  if (socket instanceof Socket && !('encrypted' in socket) && !socket.writableEnded) socket.resetAndDestroy()
  else socket.destroy()
}
