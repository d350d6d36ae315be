import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { closeFrame, frameBoundary } from './frame-boundary.ts'

/** Why a tunnel is ended: `code` for the log and as the reason, `status` from the registry of RFC 6455, section 11.7. */
export type Ending = { readonly code: string; readonly status: number }

/** How long a tunnel waits. */
export type TunnelLimits = { readonly webSocketIdleMs: number; readonly webSocketCloseMs: number }

/** Two connections that have become one. */
export type Tunnel = {
  /** Resolves when both sides are closed. */
  readonly ended: Promise<void>
  /** Why it ended, unless both sides closed it in order. */
  readonly code: () => string | undefined
  /** Bytes from the client so far, and to it. */
  readonly bytesIn: () => number
  readonly bytesOut: () => number
  /**
   * Ends it at once: nothing more passes, the upstream's side is closed, and the client is told why when no frame is
   * half sent. A client that does not close then is cut.
   */
  readonly end: (ending: Ending) => void
}

/**
 * Joins two byte streams: each waits for the reader of the other, an end goes through as an end and a reset as a
 * reset. What the bytes mean is for the two to know; only where a frame ends is followed, to say goodbye between two.
 */
export const tunnel = (client: Socket, upstream: Duplex, limits: TunnelLimits): Tunnel => {
  const closed = Promise.withResolvers<void>()
  const toClient = frameBoundary()
  let closedSides = 0
  let code: string | undefined
  let bytesIn = 0
  let bytesOut = 0

  const end = (ending: Ending): void => {
    if (code !== undefined) return
    code = ending.code
    upstream.destroy()
    if (!toClient.isOpenForClose() || !client.writable) {
      reset(client)
      return
    }
    client.removeAllListeners('data').resume()
    client.end(closeFrame(ending.status, ending.code))
    const cut = setTimeout(reset, limits.webSocketCloseMs, client)
    client.once('close', () => clearTimeout(cut))
  }

  /** One side has ended and the other never does. */
  const cutBoth = (): void => {
    code ??= client.readableEnded ? 'upstream-failed' : 'client-left'
    reset(client)
    reset(upstream)
  }

  /** Whatever is read or written passes through the client's socket: its timer sees both directions. */
  const whenIdleFor = (ms: number, then: () => void): void => {
    client.removeAllListeners('timeout').setTimeout(ms, then)
  }

  const join = (from: Duplex, to: Duplex, broken: string): void => {
    to.on('drain', () => from.resume())
    from.once('end', () => {
      to.end()
      // A side that has said its last word waits for the other's, but not as long as a quiet pair may.
      if (code === undefined) whenIdleFor(limits.webSocketCloseMs, cutBoth)
    })
    // What broke is told by "close", which always follows.
    from.on('error', () => {})
    from.once('close', () => {
      if (code === undefined && !(from.readableEnded && from.writableFinished)) {
        code = broken
        reset(to)
      }
      closedSides += 1
      if (closedSides === 2) closed.resolve()
    })
  }

  client.on('data', (chunk: Buffer) => {
    bytesIn += chunk.length
    if (!upstream.write(chunk)) client.pause()
  })
  upstream.on('data', (chunk: Buffer) => {
    bytesOut += chunk.length
    toClient.pass(chunk)
    if (!client.write(chunk)) upstream.pause()
  })
  join(client, upstream, 'client-left')
  join(upstream, client, 'upstream-failed')
  whenIdleFor(limits.webSocketIdleMs, () => end(idle))
  client.resume()
  upstream.resume()
  return { ended: closed.promise, code: () => code, bytesIn: () => bytesIn, bytesOut: () => bytesOut, end }
}

const idle: Ending = { code: 'websocket-idle', status: 3008 }

/** Closes so that nobody takes it for an orderly end. Only TCP has a reset; TLS tells a cut from an end by itself. */
const reset = (socket: Duplex): void => {
  if (socket instanceof Socket && !('encrypted' in socket)) socket.resetAndDestroy()
  else socket.destroy()
}
