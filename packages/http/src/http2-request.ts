import { IncomingMessage } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Head } from './http2-head.ts'

/** A request over HTTP/2 as the listener of an HTTP/1.1 server knows requests. Its trailers are dropped. */
export class Http2Request extends IncomingMessage {
  readonly #stream: ServerHttp2Stream

  constructor(stream: ServerHttp2Stream, socket: Socket, { method, target, rawHeaders }: Head) {
    const connection = asConnection(stream, socket)
    // For the steps the stream is the connection: to destroy it ends this request, and no other one of the session.
    super(connection as unknown as Socket)
    this.#stream = stream
    // Not 2.0, which anybody can write into a request line of HTTP/1.1, and which Node's parser lets pass.
    this.httpVersion = '2'
    this.httpVersionMajor = 2
    this.httpVersionMinor = 0
    this.method = method
    this.url = target
    // Not in the types: how Node's parser hands over fields; `headers` is then made from them when it is asked for.
    const { _addHeaderLines } = this as unknown as {
      readonly _addHeaderLines: (this: IncomingMessage, headers: readonly string[], count: number) => void
    }
    _addHeaderLines.call(this, rawHeaders, rawHeaders.length)
    stream.on('data', (chunk: Buffer) => {
      connection.bytesRead += chunk.length
      // What nobody reads any more is thrown away: it counts against the window of the whole connection.
      if (!this.destroyed && !this.push(chunk)) stream.pause()
    })
    stream.on('end', () => this.#end())
    stream.on('close', () => {
      if (!this.complete) this.destroy(new Error('the client reset the stream'))
    })
    stream.pause()
  }

  override _read(): void {
    this.#stream.resume()
  }

  /** Stops reading, and leaves the stream to the answer: HTTP/1.1's version would take the connection along. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.complete) {
      // As HTTP/1.1's does, for listeners that still look.
      Object.assign(this, { aborted: true })
      this.emit('aborted')
    }
    this.#stream.resume()
    process.nextTick(callback, this.listenerCount('error') === 0 ? null : error)
  }

  #end(): void {
    // Cut off, a stream ends as well.
    if (this.#stream.aborted) return
    this.complete = true
    if (!this.destroyed) this.push(null)
  }
}

/** The stream with what listeners read of their connection; bytes are those of this request alone. */
const asConnection = (stream: ServerHttp2Stream, socket: Socket) => {
  const { remoteAddress, remotePort, remoteFamily, localAddress, localPort } = socket
  const addresses = { remoteAddress, remotePort, remoteFamily, localAddress, localPort }
  return Object.assign(stream, { ...addresses, encrypted: true, bytesRead: 0 })
}
