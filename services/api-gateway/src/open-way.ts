import { Socket } from 'node:net'
import { Pool, buildConnector, type Dispatcher } from 'undici'
import { answerFirst } from './answer-first.ts'
import { keptConnections, type Sent } from './kept/kept-connections.ts'
import type { UpstreamLimits } from './limits.ts'
import type { Timeouts } from './own-route.ts'

/** The way to one replica. */
export type Way = {
  readonly dispatch: (request: Sent, handler: Dispatcher.DispatchHandler) => boolean
  readonly request: (options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>
  readonly close: () => Promise<void>
}

/** Opens it: requests without a body, or with a small one that is here, go the short way; all others through undici. */
export const openWay = (url: string, limits: UpstreamLimits, timeouts: Timeouts, diedInUse: WeakSet<Error>): Way => {
  const pool = openUndici(url, limits, timeouts, diedInUse)
  const kept = keptConnections({
    origin: new URL(url),
    limits: {
      connectMs: timeouts.connectMs,
      answerHeadMs: timeouts.answerHeadMs,
      answerPauseMs: timeouts.answerPauseMs,
      keepAliveMs: limits.upstreamKeepAliveMs,
      idleBeforeWriteMs: limits.idleBeforeWriteMs,
      answerHeadBytesMax: limits.answerHeadBytesMax,
    },
    diedInUse: (error) => diedInUse.add(error),
  })
  return {
    dispatch: (request, handler) =>
      kept.takes(request) ? kept.dispatch(request, handler) : pool.dispatch(forUndici(request), handler),
    request: (options) => pool.request(options),
    close: async () => {
      await Promise.all([kept.close(), pool.close()])
    },
  }
}

/** A string would be written as UTF-8. */
const forUndici = ({ clientFields, headers, body, ...others }: Sent): Dispatcher.DispatchOptions => ({
  ...others,
  headers: [...clientFields.flat, ...headers],
  body: typeof body === 'string' ? Buffer.from(body, 'latin1') : body,
})

const openUndici = (url: string, limits: UpstreamLimits, timeouts: Timeouts, diedInUse: WeakSet<Error>): Pool => {
  const connect = buildConnector({ allowH2: false, timeout: timeouts.connectMs })
  return new Pool(new URL(url).origin, {
    allowH2: false,
    // One request per socket: behind a second one, an answer that breaks off would leave two clients without an answer.
    pipelining: 1,
    headersTimeout: timeouts.answerHeadMs,
    bodyTimeout: timeouts.answerPauseMs,
    keepAliveTimeout: limits.upstreamKeepAliveMs,
    keepAliveMaxTimeout: limits.upstreamKeepAliveMs,
    maxHeaderSize: limits.answerHeadBytesMax,
    connect: (options, callback) => {
      connect(options, (...result) => {
        const [, socket] = result
        // undici gives no socket at all with an error, whatever its types say.
        if (socket instanceof Socket) {
          answerFirst(socket, limits.answerAfterResetMs)
          // Listens before undici does, so that whoever is told of the error can ask.
          socket.once('error', (error: NodeJS.ErrnoException) => {
            if (socket.bytesRead > 0) diedInUse.add(error)
            // By this name undici takes a reset for the good end of a body that has no other end (for the sake of an
            // old macOS): a truncated answer would be a whole one.
            if (error.code === 'ECONNRESET') error.code = 'ERR_CONNECTION_RESET'
          })
        }
        callback(...result)
      })
    },
  })
}
