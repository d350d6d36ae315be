import { IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { PlainReads } from '@gatehouse/http/plain-reads.ts'
import { joinedHeaders } from './joined-headers.ts'
import type { Framing } from './message.ts'
import type { Onward, Upstream, UpstreamState } from './ports.ts'

type Parts = {
  /** The service: what it would be given by a server of its own. */
  readonly listener: RequestListener
  /** What of it can be asked without a request of `node:http`. */
  readonly reads?: PlainReads
  /** Whether the service's own `GET /health` answers 200. */
  readonly probe: () => Promise<boolean>
}

/**
 * A service in this process. It gets the client's own request, with the target and fields that the network would have
 * brought.
 */
export const inProcessUpstream = ({ listener, reads = new Map(), probe }: Parts): Upstream => ({
  takes: (method, target) => method === 'GET' && reads.has(target),
  forward: async (req, answering, onward) => {
    const { target, clientFields, headers, framing, answerHeaders, webSocket } = onward
    const read = req.method === 'GET' && framing === 'none' && webSocket === undefined ? reads.get(target) : undefined
    if (read !== undefined) {
      return new Promise((resolve) => {
        answering.on('close', resolve)
        read([...clientFields.flat, ...headers], req.socket, answering, answerHeaders)
      })
    }
    if (!(req instanceof IncomingMessage)) throw new TypeError('not of node:http')
    // Answers of the lane belong to requests of the lane. All others are Node's; that of HTTP/2 only looks like one.
    const res = answering as ServerResponse & { readonly req: IncomingMessage }
    const ended = Promise.withResolvers<void>()
    // After the last byte, and also when the client left before it.
    res.once('close', ended.resolve)
    for (let at = 0; at + 1 < onward.answerHeaders.length; at += 2) {
      res.setHeader(onward.answerHeaders[at] ?? '', onward.answerHeaders[at + 1] ?? '')
    }
    rewrite(req, onward)
    listener(req, res)
    await ended.promise
  },
  healthy: () => probe().catch(() => false),
  state: () => inThisProcess,
  close: async () => {},
})

const inThisProcess: UpstreamState = { underWay: 0, failures: 0, circuit: 'closed', origins: [] }

const rewrite = (req: IncomingMessage, { target, clientFields, headers, framing, webSocket }: Onward): void => {
  req.url = target
  req.rawHeaders = [...clientFields.flat, ...headers, 'host', 'in-process', ...framingFields[framing]]
  // A service that has not learned to upgrade serves such a request as any other, here as elsewhere.
  if (webSocket !== undefined) req.rawHeaders.push('connection', 'upgrade', 'upgrade', 'websocket')
  req.headers = joinedHeaders(req)
  // A client could say in them who it is; across the network they are not sent on at all.
  if (framing === 'chunked') Object.defineProperties(req, withoutTrailers)
}

/** The parser writes them when the body has ended. */
const withoutTrailers: PropertyDescriptorMap = {
  rawTrailers: { get: () => [], set: () => {} },
  trailers: { get: () => ({}), set: () => {} },
  trailersDistinct: { get: () => ({}), set: () => {} },
}

/**
 * The other framings have kept their Content-Length; this one is hop-by-hop, and yet the body of this very message has
 * it.
 */
const framingFields: Readonly<Record<Framing, readonly string[]>> = {
  none: [],
  length: [],
  chunked: ['transfer-encoding', 'chunked'],
}
