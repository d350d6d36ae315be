import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocketLimits } from '../limits.ts'
import { asksForWebSocket } from './handshake.ts'
import { webSocketRequest, type WebSocketRequest } from './web-socket-request.ts'
import type { WebSockets } from './web-sockets.ts'

/** What a server of `node:http` needs of the gateway to let connections become WebSockets. */
export type Upgrades = {
  /** Whether this request asks for one: the server's `shouldUpgradeCallback`. */
  readonly asked: (req: IncomingMessage) => boolean
  /** For its `upgrade` event. */
  readonly listener: (req: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** How many are open, or about to be. */
  readonly open: () => number
  /** Ends all of them, and opens none any more. */
  readonly end: () => void
}

type Parts = {
  readonly webSockets: WebSockets
  readonly limits: WebSocketLimits
  readonly serve: (req: IncomingMessage, webSocket: WebSocketRequest) => void
}

/** Brings each request for a WebSocket to where all requests are served. */
export const upgrades = ({ webSockets: { open, end }, limits, serve }: Parts): Upgrades => ({
  asked: asksForWebSocket,
  listener: (req, socket, head) => {
    if (head.length > 0) socket.unshift(head)
    // A server that listens on TCP hands over a socket of TCP, or of TLS, which is one.
    serve(req, webSocketRequest(req, socket as Socket, limits))
  },
  open,
  end,
})
