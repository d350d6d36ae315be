import type { RequestListener, Server as HttpServer, ServerResponse } from 'node:http'
import type { ServerHttp2Session } from 'node:http2'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { problemOf } from '@gatehouse/contract/problem.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Http2Response } from './http2-response.ts'
import { openHttp2Session, refuseLate, type Http2Parts } from './http2-session.ts'
import type { TlsLimits } from './limits.ts'

/** A certificate with the chain behind it, and its key: PEM both. */
export type KeyPair = { readonly cert: string; readonly key: string }

/** A server of HTTP/1.1 and HTTP/2 over TLS. */
export type SecureServer = {
  /** To listen on; what can be asked of an HTTP/1.1 server can be asked of it. */
  readonly server: HttpServer
  /** New connections get this certificate; those that are there live on. */
  readonly renew: (pair: KeyPair) => void
  /** Tells the clients of HTTP/2 to open nothing more; their connections close when what is under way is done. */
  readonly goAway: () => void
  /** Cuts them. */
  readonly cut: () => void
  /** Refuses a request over HTTP/2 whose body comes too slowly. */
  readonly refuseLate: (res: ServerResponse) => void
}

type Http1Parts = {
  readonly pair: KeyPair
  readonly options: ServerOptions
  readonly listener: RequestListener
  /** Called with each connection before anything is read from it. */
  readonly begin: (socket: TLSSocket) => void
}

/** Makes one that hands the requests of both kinds to their listeners. */
export const secureServer = ({ pair, options, listener, begin }: Http1Parts, parts: Http2Parts): SecureServer => {
  const server = createServer(
    { ...options, ...policy, ...pair, handshakeTimeout: parts.limits.tlsHandshakeTimeoutMs },
    listener,
  )
  let isLeaving = false
  const sessions = new Set<ServerHttp2Session>()
  const http1 = takeOver(server)
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol !== 'h2') {
      begin(socket)
      http1(socket)
      return
    }
    const session = openHttp2Session(socket, parts)
    if (isLeaving) endAfterOne(session, parts.limits)
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  // Whoever scans ports breaks off handshakes by the thousand: nothing of it is worth a line, and none may end us.
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ERR_SSL_HTTP_REQUEST') answerInTheClear(socket, parts)
    else socket.destroy()
  })
  return {
    server,
    renew: (renewed) => server.setSecureContext({ ...policy, ...renewed }),
    goAway: () => {
      isLeaving = true
      for (const session of sessions) session.close()
    },
    // What comes over HTTP/2 is answered with this.
    refuseLate: (res) => refuseLate(res as unknown as Http2Response, parts),
    cut: () => sessions.forEach((session) => session.destroy()),
  }
}

/**
 * Takes one request from a connection that came while we leave: whoever sent it has not noticed yet, and would only
 * come back here with it.
 */
const endAfterOne = (session: ServerHttp2Session, { firstWordMs }: TlsLimits): void => {
  session.once('stream', (stream) => stream.once('close', () => session.close()))
  session.setTimeout(firstWordMs)
}

/** Node's ciphers, in its order; nothing older than TLS 1.2 (RFC 8996). */
const policy = { minVersion: 'TLSv1.2', honorCipherOrder: true, ALPNProtocols: ['h2', 'http/1.1'] } as const

/**
 * Takes connections away from the HTTP/1.1 server, and answers how to give it one. One server and not one behind the
 * other: so it counts its connections, times them out and closes the idle ones as it does without TLS.
 */
const takeOver = (server: Server): ((socket: TLSSocket) => void) => {
  // Node's own listener, which begins to read HTTP/1.1: the one that there is on a new server.
  const [begin] = server.listeners('secureConnection')
  if (begin === undefined) throw new Error('an https server does not listen to its connections')
  server.removeAllListeners('secureConnection')
  // Node would take a broken handshake for a request that could not be read, and have it answered in the clear.
  server.removeAllListeners('tlsClientError')
  return (socket) => void Reflect.apply(begin, server, [socket])
}

/** Whoever typed `http://` is told why nothing comes, in words that their program reads. */
const answerInTheClear = (socket: TLSSocket, { speaker, newRequestId }: Http2Parts): void => {
  // Not in the types: the connection that TLS was to be spoken on. Nothing has been written on it yet.
  const { _parent: connection } = socket as TLSSocket & { readonly _parent?: Socket | null }
  if (connection?.writable !== true) {
    socket.destroy()
    return
  }
  const requestId = newRequestId()
  const refusal = refuse('malformed-request', { detail: 'This port speaks HTTPS.' })
  const { status, headers, body } = problemOf(refusal, { speaker, requestId })
  const fields = {
    ...headers,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    'x-request-id': requestId,
  }
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  connection.write(`HTTP/1.1 ${status} Refused\r\n${head.join('')}\r\n${body}`, () => socket.destroy())
}
