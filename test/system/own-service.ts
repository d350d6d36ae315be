import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { WebSocketServer, type WebSocket } from 'ws'
import { listening } from '@gatehouse/testing/listening.ts'

/** A request that reached the service of one's own. */
export type Call = {
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
  /** Of the body, so far. */
  readonly bytes: () => number
  readonly body: () => Buffer
  /** The other end left before the answer was complete. */
  readonly abandoned: () => boolean
}

/** A service that somebody put behind the gate: it answers in every way that a forwarder can get wrong. */
export type OwnService = {
  readonly origin: string
  /** Every request so far, the newest last. */
  readonly calls: () => readonly Call[]
  /** Lets every `/stream` that waits send its second half. */
  readonly release: () => void
  readonly stop: () => Promise<void>
}

/**
 * Starts it on a free port. Which answer it gives is the last segment of the path; anything unknown is `echo`, and
 * `socket` is a WebSocket.
 */
export const startOwnService = async (): Promise<OwnService> => {
  const calls: Call[] = []
  let held: (() => void)[] = []
  const asksForSocket = ({ url = '' }: IncomingMessage): boolean =>
    new URL(url, 'http://own').pathname.endsWith('/socket')
  const server = createServer({ shouldUpgradeCallback: asksForSocket }, (req, res) => {
    calls.push(watch(req, res))
    const { pathname } = new URL(req.url ?? '/', 'http://own')
    const way = pathname.split('/').at(-1) ?? ''
    const answer = Object.hasOwn(ways, way) ? ways[way] : undefined
    ;(answer ?? echo)(req, res, (release) => held.push(release))
  })
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => offered.has('chat') && 'chat' })
  server.on('upgrade', (req: IncomingMessage, connection: Duplex, head: Buffer) => {
    sockets.handleUpgrade(req, connection, head, (socket) => talk(socket, req))
  })
  const port = await listening(server)
  return {
    origin: `http://127.0.0.1:${port}`,
    calls: () => calls,
    release: () => {
      for (const release of held) release()
      held = []
    },
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Says what the handshake was, then everything that it is told. `close` makes it close. */
const talk = (socket: WebSocket, { url, rawHeaders }: IncomingMessage): void => {
  socket.send(JSON.stringify({ url, headers: rawHeaders }))
  socket.on('error', () => {})
  socket.on('message', (message: Buffer, isBinary) => {
    if (message.toString() === 'close') socket.close(4000, 'as you wish')
    else socket.send(message, { binary: isBinary })
  })
}

type Way = (req: IncomingMessage, res: ServerResponse, hold: (release: () => void) => void) => void

/** Says what it was asked. */
const echo: Way = (req, res) => {
  req.on('end', () => {
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.rawHeaders }))
  })
}

const ways: Readonly<Record<string, Way>> = {
  digest: (req, res) => {
    const hash = createHash('sha256')
    req.on('data', (chunk: Buffer) => hash.update(chunk))
    req.on('end', () => res.end(hash.digest('hex')))
  },
  moved: (_req, res) => res.writeHead(302, { location: '/elsewhere' }).end(),
  cookies: (_req, res) => res.writeHead(200, ['Set-Cookie', 'a=1; Path=/', 'Set-Cookie', 'b=2; HttpOnly']).end(),
  compressed: (_req, res) => {
    const body = gzipSync(JSON.stringify({ said: 'compressed' }))
    res
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': body.length })
      .end(body)
  },
  'hop-by-hop': (_req, res) => {
    const ofThisConnection = [
      'Connection',
      'close, X-Private',
      'X-Private',
      '1',
      'Keep-Alive',
      'timeout=5',
      'Proxy-Authenticate',
      'Basic',
    ]
    res.writeHead(200, [
      ...ofThisConnection,
      'Server',
      'Own/1.0',
      'X-Powered-By',
      'Own',
      'X-Public',
      '1',
      'Content-Length',
      '2',
    ])
    res.end('ok')
  },
  stream: (_req, res, hold) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    res.write('data: first\n\n')
    hold(() => res.end('data: second\n\n'))
  },
  silent: () => {},
  half: (_req, res) => {
    res.writeHead(200, { 'content-length': '100' })
    res.write('half of it', () => res.destroy())
  },
  'server-error': (_req, res) => res.writeHead(500, { 'content-type': 'text/plain' }).end('own trouble'),
  'no-content': (_req, res) => res.writeHead(204).end(),
}

const watch = (req: IncomingMessage, res: ServerResponse): Call => {
  const chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => chunks.push(chunk))
  // A body that breaks off is told by `abandoned`.
  req.on('error', () => {})
  return {
    method: req.method ?? '',
    url: req.url ?? '',
    rawHeaders: req.rawHeaders,
    bytes: () => chunks.reduce((sum, { length }) => sum + length, 0),
    body: () => Buffer.concat(chunks),
    abandoned: () => res.destroyed && !res.writableFinished,
  }
}
