import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { problemOf, type Speaker } from '@gatehouse/contract/problem.ts'
import { refuse, type RefusalCode } from '@gatehouse/contract/refusals.ts'
import { limits, type ServerLimits } from './limits.ts'

/** A server that listens. */
export type Listening = {
  readonly port: number
  /** Takes no new connection, lets what is under way finish, then cuts what has not: by then `deadlineMs` is over. */
  readonly drain: (deadlineMs?: number) => Promise<void>
}

type Options = {
  readonly host: string
  readonly port: number
  readonly speaker: Speaker
  readonly newRequestId: () => string
  /** Those of a service unless told. */
  readonly limits?: ServerLimits
}

/** Listens on `host:port` (0: any free port). Throws what the operating system says when it cannot. */
export const listen = async (
  listener: RequestListener,
  { host, port, speaker, newRequestId, limits: bounds = limits }: Options,
): Promise<Listening> => {
  const underWay = new Set<ServerResponse>()
  let draining = false
  const server = createServer(
    {
      connectionsCheckingInterval: 1_000,
      headersTimeout: bounds.headersTimeoutMs,
      keepAliveTimeout: bounds.keepAliveTimeoutMs,
      maxHeaderSize: bounds.headerBytesMax,
      requestTimeout: bounds.requestTimeoutMs,
      // Node would answer a missing Host itself, with a bare 400: those who listen say it as a problem.
      requireHostHeader: false,
    },
    (req: IncomingMessage, res: ServerResponse) => {
      if (draining) sendElsewhere(res)
      underWay.add(res)
      res.once('close', () => underWay.delete(res))
      listener(req, res)
    },
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    answerUnread(error, socket, speaker, newRequestId()),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    // A server that listens on TCP has an address of this shape.
    port: (server.address() as AddressInfo).port,
    drain: async (deadlineMs = bounds.drainMs) => {
      draining = true
      underWay.forEach(sendElsewhere)
      await closed(server, deadlineMs)
    },
  }
}

/** A connection that stayed would send its next request to a process that is gone. */
const sendElsewhere = (res: ServerResponse): void => {
  if (!res.headersSent) res.shouldKeepAlive = false
}

const closed = (server: Server, deadlineMs: number): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), deadlineMs)
    // A connection whose answer is on its way becomes idle only later: looked for until none is left.
    const sweep = setInterval(() => server.closeIdleConnections(), 20)
    server.close(() => {
      clearTimeout(cut)
      clearInterval(sweep)
      resolve()
    })
  })

/** Answers what never became a request: the parser gave up, or the client took too long. */
const answerUnread = (error: NodeJS.ErrnoException, socket: Duplex, speaker: Speaker, requestId: string): void => {
  // Gone, or a response is already under way on it: anything written now would be read as part of that.
  if (error.code === 'ECONNRESET' || !socket.writable || answering(socket)) {
    socket.destroy()
    return
  }
  const { status, headers, body } = problemOf(refuse(codes[error.code ?? ''] ?? 'malformed-request'), {
    speaker,
    requestId,
  })
  const head = Object.entries({
    ...headers,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    'x-request-id': requestId,
  })
  socket.end(
    `HTTP/1.1 ${status} Refused\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
    () => {
      socket.destroy()
    },
  )
}

const codes: Readonly<Record<string, RefusalCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body-too-large',
}

/**
 * Whether an answer is under way, or a whole request still waits for its own: what we wrote now would be taken for
 * that.
 */
const answering = (socket: Duplex): boolean => {
  // node:http hangs the answer under way on the socket and documents no other way to ask.
  const { _httpMessage: res } = socket as Duplex & { readonly _httpMessage?: ServerResponse | null }
  return res !== undefined && res !== null && (res.headersSent || res.req.complete)
}
