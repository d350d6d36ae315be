import type { IncomingMessage, RequestListener } from 'node:http'
import type { Framing } from './message.ts'
import type { Onward, Upstream } from './ports.ts'

type Parts = {
  /** The service: what it would be given by a server of its own. */
  readonly listener: RequestListener
  /** Whether the service's own `GET /health` answers 200. */
  readonly probe: () => Promise<boolean>
}

/**
 * A service in this process. It gets the client's own request, with the target and fields that the network would have
 * brought.
 */
export const inProcessUpstream = ({ listener, probe }: Parts): Upstream => ({
  forward: async (req, res, onward) => {
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
  close: async () => {},
})

const rewrite = (req: IncomingMessage, { target, headers, framing }: Onward): void => {
  req.url = target
  req.rawHeaders = [...headers, 'host', 'in-process', ...framingFields[framing]]
  req.headers = joined(req)
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

/**
 * Node makes `req.headers` from `rawHeaders` on first use, but only from as many of them as the parser has counted:
 * fields that we added would be missing. So they are made here, by Node's own rules for what is said twice.
 */
const joined = (req: IncomingMessage): IncomingMessage['headers'] => {
  // Not in the types: the method by which the `headers` getter itself joins fields, there since Node 0.x.
  const { _addHeaderLine } = req as IncomingMessage & {
    readonly _addHeaderLine: (name: string, value: string, into: IncomingMessage['headers']) => void
  }
  const into: IncomingMessage['headers'] = {}
  for (let at = 0; at + 1 < req.rawHeaders.length; at += 2) {
    _addHeaderLine.call(req, req.rawHeaders[at] ?? '', req.rawHeaders[at + 1] ?? '', into)
  }
  return into
}
