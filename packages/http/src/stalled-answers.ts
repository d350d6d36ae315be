import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Many } from './under-way.ts'

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
 * `everyMs`; has them cut `soon`, for those who read would wait for all of it. Bytes count when the kernel has taken
 * them, which it does by buffers: one that is slow and reads is safe.
 */
export const stalledAnswers = (
  { answerStallMs, answersHaltedMax, answerHaltMs }: AnswerLimits,
  everyMs: number,
  soon: (cut: () => void) => void,
): ((underWay: Many<Halting>) => void) => {
  const seen = new WeakMap<Halting, Waiting>()

  const lookAt = (res: Halting): Waiting | undefined => {
    const taken = res.headersSent ? takenOf(res, res.socket) : undefined
    if (taken === undefined) return undefined
    const waiting = seen.get(res)
    if (waiting?.taken === taken) {
      waiting.ms += everyMs
      return waiting
    }
    // The connection, for an answer that has been given is taken off it before it has gone.
    seen.set(res, { res, socket: res.socket, taken, ms: 0 })
    return undefined
  }

  return (underWay) => {
    const halted: Waiting[] = []
    underWay.forEach((res) => {
      const waiting = lookAt(res)
      if (waiting !== undefined && waiting.ms >= Math.min(answerHaltMs, answerStallMs)) halted.push(waiting)
    })
    const tooLong = halted.filter(({ ms }) => ms >= answerStallMs).length
    const tooMany = halted.length - answersHaltedMax
    if (tooLong === 0 && tooMany <= 0) return
    halted
      .toSorted((one, other) => other.ms - one.ms)
      .slice(0, Math.max(tooLong, tooMany))
      .forEach((waiting) => {
        // Told once, for the next look is before its turn.
        seen.set(waiting.res, { ...waiting, ms: 0 })
        soon(() => cut(waiting))
      })
  }
}

/** An answer, as far as it is looked at. */
type Halting = Pick<ServerResponse, 'headersSent' | 'socket'> & {
  readonly req: { readonly httpVersionMajor: number }
  destroy(): unknown
}

/** An answer that waits for its client. */
type Waiting = {
  readonly res: Halting
  readonly socket: Socket | null
  /** Bytes that had been taken at the last look. */
  readonly taken: number
  /** Since then, as far as it was looked at. */
  ms: number
}

/** How much has been taken of what was given, where something waits: by the kernel, or into the client's window. */
const takenOf = (res: Halting, socket: Socket | null): number | undefined => {
  if (isOverHttp2(res)) {
    // What comes over HTTP/2 is answered with an `Http2Response`.
    const { stream, bytesGiven } = res as unknown as Http2Answer
    return stream.writableLength === 0 ? undefined : bytesGiven - stream.writableLength
  }
  return socket === null || socket.writableLength === 0 ? undefined : socket.bytesWritten - socket.writableLength
}

/** What an `Http2Response` has, said here because its file would load node:http2 where nobody speaks it. */
type Http2Answer = { readonly stream: { readonly writableLength: number }; readonly bytesGiven: number }

const isOverHttp2 = ({ req }: Halting): boolean => req.httpVersionMajor > 1

/** By a reset, where there is one: an orderly end could be taken for the end of the answer. */
const cut = ({ res, socket, taken }: Waiting): void => {
  // It has been taken since, and the connection may have another one.
  if (takenOf(res, socket) !== taken) return
  if (isOverHttp2(res)) res.destroy()
  else if (socket instanceof Socket && !('encrypted' in socket) && !socket.writableEnded) socket.resetAndDestroy()
  else socket?.destroy()
}
