import type { IncomingMessage } from 'node:http'

/**
 * Joins raw fields by Node's own rules for what is said twice. Node makes `req.headers` from `rawHeaders` on first use,
 * but from as many of them as its parser has counted: fields that we added would be missing, and where we took some
 * away it would fall over the end.
 */
export const joinedHeaders = (req: IncomingMessage): IncomingMessage['headers'] => {
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
