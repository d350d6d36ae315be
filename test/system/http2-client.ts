import { connect, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2'

/** What came back on a stream, and how it ended. */
export type Http2Answer = {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** RFC 9113, section 7: 0 is a good end. */
  readonly code: number
}

/** A client that speaks HTTP/2 on one connection. */
export type Http2Client = {
  readonly session: ClientHttp2Session
  readonly open: (headers: OutgoingHttpHeaders) => ClientHttp2Stream
  readonly ask: (
    method: string,
    path: string,
    ask?: { headers?: OutgoingHttpHeaders; body?: string | Buffer },
  ) => Promise<Http2Answer>
  readonly close: () => void
}

/** Connects to `localhost:port`, whose certificate this must be. */
export const http2Client = (port: number, ca: string): Http2Client => {
  const session = connect(`https://localhost:${port}`, { ca })
  session.on('error', () => {})
  const open = (headers: OutgoingHttpHeaders): ClientHttp2Stream => session.request(headers).on('error', () => {})
  return {
    session,
    open,
    ask: (method, path, { headers = {}, body } = {}) => {
      const stream = open({ ':method': method, ':path': path, ...headers })
      stream.end(body)
      return answerOf(stream)
    },
    close: () => session.destroy(),
  }
}

/** Reads an answer to its end, whichever it is. */
export const answerOf = (stream: ClientHttp2Stream): Promise<Http2Answer> =>
  new Promise((resolve) => {
    let headers: Readonly<Record<string, unknown>> = {}
    let text = ''
    stream.on('response', (fields) => (headers = fields))
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    stream.once('close', () =>
      resolve({ status: Number(headers[':status']), headers, text, code: stream.rstCode ?? 0 }),
    )
  })
