import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { constants, Http2ServerResponse, type ServerHttp2Stream } from 'node:http2'

/**
 * An answer over HTTP/2 as the listener of an HTTP/1.1 server knows answers: Node's own, which leaves out the fields of
 * a connection by itself, with what listeners ask of an answer beyond that.
 */
export class Http2Response extends Http2ServerResponse {
  /** We have ended it before its end. */
  isCut = false
  /** Of its body, whether sent or not. */
  bytesGiven = 0

  constructor(stream: ServerHttp2Stream, req?: IncomingMessage) {
    super(stream)
    Object.assign(this, { req })
    Object.defineProperties(this, {
      // Its type has this member and it has not.
      destroyed: { get: () => stream.destroyed },
      // When the client resets a stream, Node ends it for us and calls it finished.
      writableFinished: {
        get: () => this.writableEnded && stream.writableFinished && stream.rstCode === constants.NGHTTP2_NO_ERROR,
      },
    })
  }

  override write(
    chunk: string | Uint8Array,
    encodingOrWritten?: BufferEncoding | ((error: Error) => void),
    written?: (error: Error) => void,
  ): boolean {
    this.bytesGiven += chunk.length
    return typeof encodingOrWritten === 'string'
      ? super.write(chunk, encodingOrWritten, written)
      : super.write(chunk, encodingOrWritten)
  }

  override setHeader(name: string, value: number | string | readonly string[]): void {
    if (name.toLowerCase() !== 'connection') super.setHeader(name, value)
  }

  override writeHead(status: number, reasonOrHeaders?: string | Headers, headers?: Headers): this {
    // There are no reason phrases in HTTP/2.
    const given = typeof reasonOrHeaders === 'string' ? headers : reasonOrHeaders
    return super.writeHead(status, given && withoutConnection(given))
  }

  /** Resets the stream. By an error and not as Node would, for after NO_ERROR half an answer passes for a whole one. */
  override destroy(): this {
    this.isCut = true
    this.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    return this
  }
}

type Headers = OutgoingHttpHeaders | readonly string[]

/** Node would leave it out as well, with a warning on the terminal: whoever says it need not know of HTTP/2. */
const withoutConnection = (headers: Headers): Headers => {
  if (!isFlat(headers)) {
    const { connection: _connection, ...others } = headers
    return others
  }
  return headers.some(isConnection)
    ? headers.filter((_text, at) => !isConnection(headers[at - (at % 2)] ?? '', at - (at % 2)))
    : headers
}

const isFlat = (headers: Headers): headers is readonly string[] => Array.isArray(headers)

const isConnection = (name: string, at: number): boolean =>
  at % 2 === 0 && name.length === 'connection'.length && name.toLowerCase() === 'connection'
