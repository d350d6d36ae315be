import { once } from 'node:events'
import { WebSocket } from 'ws'
import { waitFor } from '@gatehouse/testing/wait-for.ts'

/** A client's side of a WebSocket. */
export type OpenSocket = {
  readonly socket: WebSocket
  /** What the service's handshake said, as the service of one's own tells in its first message. */
  readonly handshake: { readonly url: string; readonly headers: readonly string[] }
  /** Says something and waits for the next message. */
  readonly ask: (message: string | Buffer) => Promise<Buffer>
  /** How it was closed, as soon as it is. */
  readonly closed: () => Promise<{ readonly status: number; readonly reason: string }>
}

/** What goes along with a handshake. */
type Ask = {
  readonly bearer?: string
  readonly protocols?: readonly string[]
  /** The certificate of the gateway, where it speaks TLS. */
  readonly ca?: string
}

/** Opens a WebSocket of a service of one's own, through the gateway at this origin. Fails with the status of a no. */
export const openSocket = async (origin: string, path: string, { bearer, protocols = [], ca }: Ask = {}) => {
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
  const socket = new WebSocket(`${origin.replace('http', 'ws')}${path}`, [...protocols], {
    headers,
    ...(ca === undefined ? {} : { ca }),
  })
  const messages: Buffer[] = []
  let end: { readonly status: number; readonly reason: string } | undefined
  socket.on('message', (message: Buffer) => messages.push(message))
  socket.on('close', (status, reason) => (end = { status, reason: reason.toString() }))
  socket.on('error', () => {})
  const next = async (): Promise<Buffer> => {
    await waitFor(() => messages.length > 0, { what: 'a message' })
    return messages.shift() ?? Buffer.alloc(0)
  }
  const refused = once(socket, 'unexpected-response').then(([, res]: unknown[]) => {
    socket.terminate()
    // What the event tells is the answer.
    throw new Error(String((res as { readonly statusCode?: number }).statusCode))
  })
  await Promise.race([once(socket, 'open'), refused])
  refused.catch(() => {})
  // What our own service says first.
  const handshake = JSON.parse((await next()).toString()) as OpenSocket['handshake']
  return {
    socket,
    handshake,
    ask: async (message) => {
      socket.send(message)
      return next()
    },
    closed: async () => {
      await waitFor(() => end !== undefined, { what: 'the WebSocket to be closed', timeoutMs: 20_000 })
      return end ?? { status: 0, reason: '' }
    },
  } satisfies OpenSocket
}
