import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { startServer, type RunningGateway, type RunningServer } from '../testing.ts'
import { acceptOf } from './handshake.ts'

/** The key of every handshake in these tests: RFC 6455's own example. */
export const key = 'dGhlIHNhbXBsZSBub25jZQ=='

/** A client's side of a connection that was answered with 101, or with anything else. */
export type Shaken = {
  readonly status: number
  /** The head of the answer, as it came. */
  readonly head: string
  readonly socket: Socket
  /** What came after the head, so far. */
  readonly heard: () => Buffer
  /** How the connection ended, if it did. */
  readonly ended: () => 'end' | 'reset' | undefined
}

/** The fields of a handshake as a browser sends them. */
export const handshakeFields: readonly string[] = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${key}`,
]

/** Asks for a WebSocket, and waits for the head of the answer. */
export const shake = async (
  { port }: Pick<RunningGateway, 'port'>,
  path: string,
  { more = [], after = '' }: Shaking = {},
): Promise<Shaken> => {
  const socket = connect({ port, host: '127.0.0.1' })
  let bytes = Buffer.alloc(0)
  let end: 'end' | 'reset' | undefined
  socket.on('data', (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])))
  socket.on('end', () => (end ??= 'end'))
  socket.on('error', () => (end = 'reset'))
  socket.write(
    `GET ${path} HTTP/1.1\r\n${['Host: gate.test', ...handshakeFields, ...more].join('\r\n')}\r\n\r\n${after}`,
  )
  await waitFor(() => bytes.includes('\r\n\r\n') || end !== undefined, { what: 'an answer' })
  const over = bytes.indexOf('\r\n\r\n')
  const head = bytes.subarray(0, over).toString('latin1')
  return {
    status: Number(head.slice(9, 12)),
    head,
    socket,
    heard: () => bytes.subarray(over + 4),
    ended: () => end,
  }
}

type Shaking = {
  /** Further fields of the request. */
  readonly more?: readonly string[]
  /** Sent behind its head, without waiting for an answer. */
  readonly after?: string
}

/** A service that answers every handshake with 101, and the connections that it has then. */
export type SwitchingServer = RunningServer & {
  readonly requests: readonly IncomingMessage[]
  /** Its side of the WebSocket number `count`, once it is there. */
  readonly connection: (count: number) => Promise<Socket>
}

/** Starts one. `answer` writes another head than the right one. */
export const startSwitchingServer = async (
  answer: (req: IncomingMessage) => string = (req) => switching(req),
): Promise<SwitchingServer> => {
  const requests: IncomingMessage[] = []
  const sockets: Duplex[] = []
  const running = await startServer((_req, res) => void res.writeHead(404).end())
  running.server.on('upgrade', (req: IncomingMessage, socket: Duplex) => {
    requests.push(req)
    sockets.push(socket.on('error', () => {}))
    socket.write(answer(req))
  })
  return {
    ...running,
    requests,
    connection: async (count) => {
      await waitFor(() => sockets.length >= count, { what: `${count} WebSockets` })
      // A server of TCP has sockets of TCP.
      return sockets[count - 1] as Socket
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await running[Symbol.asyncDispose]()
    },
  }
}

/** The right 101, with more fields where a test wants them. */
export const switching = (req: IncomingMessage, ...more: readonly string[]): string =>
  [
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Accept: ${acceptOf(req.headers['sec-websocket-key'] ?? '')}`,
    ...more,
    '\r\n',
  ].join('\r\n')

/** Waits until a connection has closed. */
export const closed = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await once(socket, 'close')
}
