import type { Socket } from 'node:net'
import type { WrittenFields } from './lane/written-fields.ts'

/** Serves one request: of `node:http`, or of the fast lane. It cannot tell which, and needs not. */
export type Listener = (req: Asked, res: Answering) => void

/** What may be asked of a request, whoever has read it: an `IncomingMessage` is one. */
export type Asked = {
  readonly method?: string | undefined
  /** The request target as it came. */
  readonly url?: string | undefined
  readonly httpVersion: string
  /** Flat: name, value, name, value. */
  readonly rawHeaders: readonly string[]
  /** Whether `rawHeaders` is the very array of a request before this one: what it says is known already. */
  readonly isRepeated?: boolean
  readonly headers: { readonly expect?: string | undefined }
  readonly socket: Socket
  /** All of its body, as Latin-1, where it came with the head and nobody has to read it. */
  readonly wholeBody?: string | undefined
  /** Whether all of it is here. */
  readonly complete: boolean
  readonly destroyed: boolean
  /** `null` until somebody reads its body. */
  readonly readableFlowing: boolean | null
  /** Bytes that are here and that nobody has read. */
  readonly readableLength: number
}

/** What may be done with its answer: a `ServerResponse` can do it. */
export type Answering = {
  readonly statusCode: number
  readonly statusMessage: string
  /** Whether its head is fixed. */
  readonly headersSent: boolean
  /** Whether all of it has left for the client. */
  readonly writableFinished: boolean
  readonly destroyed: boolean
  readonly socket: Socket | null
  writeContinue(): void
  /** Flat: name, value, name, value. */
  writeHead(status: number, fields: string[]): unknown
  /** The same with others behind them that were written out before; not every answer can. */
  writeHeadWith?(status: number, fields: readonly string[], others: WrittenFields): void
  flushHeaders(): void
  /** False when it is better to wait for `drain`. */
  write(piece: Buffer): boolean
  end(last?: string | Buffer): unknown
  end(last: string, encoding: 'latin1'): unknown
  /** Comes last and always: behind the last byte, or when the client has left before it. */
  on(event: 'close', told: () => void): unknown
  once(event: 'drain', told: () => void): unknown
  destroy(): unknown
}
