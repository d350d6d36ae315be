import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { listening } from './listening.ts'

/** A TCP proxy that fails on request, because kernels differ in what they let a test do to a network. */
export type TcpProxy = {
  readonly port: number
  /** Client connections open now. */
  readonly connections: () => number
  /** Resets every connection, and every new one until `heal`. */
  readonly cut: () => void
  /** Half-open: connections stay and new ones are accepted, but no byte passes until `heal`. */
  readonly stall: () => void
  /**
   * Connections open now fall silent for good, new ones work: a router that lost its table. `heal` does not bring
   * them back.
   */
  readonly forget: () => void
  /** Every chunk, in both directions, waits this long. */
  readonly delay: (ms: number) => void
  /** Passes everything on again, at full speed. Stalled bytes are delivered late, as a network does. */
  readonly heal: () => void
  readonly close: () => Promise<void>
}

/** Listens on a free port of the loopback address and passes everything on to the target, until told otherwise. */
export const startTcpProxy = async (target: { readonly host?: string; readonly port: number }): Promise<TcpProxy> => {
  const open = new Map<Socket, Socket>()
  let isCut = false
  let delayMs = 0
  let gate: PromiseWithResolvers<void> | undefined

  const forgotten = new WeakSet<Socket>()

  const passFor = (client: Socket) => {
    const held = async (): Promise<void> => {
      if (gate !== undefined) await gate.promise
      if (forgotten.has(client)) await never
    }
    return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        await held()
        if (delayMs > 0) await delay(delayMs)
        yield chunk
      }
      await held()
    }
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (isCut) {
      reset(client)
      return
    }
    const upstream = connect({
      host: target.host ?? '127.0.0.1',
      port: target.port,
      allowHalfOpen: true,
      noDelay: true,
    })
    open.set(client, upstream)
    client.once('close', () => open.delete(client))
    // A broken pair is the ordinary end of a connection here; the two ends see it for themselves.
    const abandon = (): void => {
      client.destroy()
      upstream.destroy()
    }
    pipeline(client, passFor(client), upstream).catch(abandon)
    pipeline(upstream, passFor(client), client).catch(abandon)
  })
  const port = await listening(server)

  const resetAll = (): void => {
    for (const pair of open) pair.forEach(reset)
  }
  const heal = (): void => {
    isCut = false
    delayMs = 0
    gate?.resolve()
    gate = undefined
  }
  return {
    port,
    connections: () => open.size,
    cut: () => {
      isCut = true
      resetAll()
    },
    stall: () => {
      gate ??= Promise.withResolvers()
    },
    forget: () => {
      for (const [client] of open) forgotten.add(client)
    },
    delay: (ms) => {
      delayMs = ms
    },
    heal,
    close: async () => {
      heal()
      resetAll()
      server.close()
      await once(server, 'close')
    },
  }
}

const never = new Promise<never>(() => {})

/**
 * libuv refuses to reset a socket that is shutting down, and Node 24 then forgets to close it: it would spin for
 * ever.
 */
const reset = (socket: Socket): void => {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
