import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Answering } from '../listener.ts'
import { writtenFields, type WrittenFields } from './written-fields.ts'

/** What an answer needs of the connection that it is for. */
export type Carrier = {
  readonly socket: Socket
  /** `Date: …`, with the line's end. */
  readonly dateField: () => string
  /** `Keep-Alive: …`, with the line's end. */
  readonly keepAliveField: string
  /** Has `send` called soon, with the last of others. */
  readonly sendSoon: () => void
  /** To be called when the last byte has left. */
  readonly written: () => void
}

/**
 * The answer to a request of the fast lane: the same bytes as `node:http` would write, in as few pieces as they come.
 */
export class LaneAnswer implements Answering {
  readonly #carrier: Carrier
  readonly #isToHead: boolean
  statusCode = 200
  /** Of `node:http`'s answers only: there it tells why one was taken away from its listener. */
  readonly statusMessage = ''
  headersSent = false
  writableFinished = false
  destroyed = false
  /** Whether the connection can take another request after this one. */
  shouldKeepAlive: boolean
  /** Until it leaves with the first piece of the body, or without one. */
  #head = ''
  /** All that is left to write, until it is sent. */
  #last = ''
  #hasBody = true
  #isChunked = false
  #closed: (() => void) | undefined
  #drained: (() => void) | undefined

  constructor(carrier: Carrier, method: string, shouldKeepAlive: boolean) {
    this.#carrier = carrier
    this.#isToHead = method === 'HEAD'
    this.shouldKeepAlive = shouldKeepAlive
  }

  get socket(): Socket {
    return this.#carrier.socket
  }

  get req(): { readonly httpVersionMajor: 1 } {
    return request
  }

  /** Nobody here waits for it: see `request-head.ts`. */
  writeContinue(): void {}

  writeHead(status: number, fields: readonly string[]): void {
    this.#begin(status, writtenFields(fields), nothing)
  }

  writeHeadWith(status: number, fields: readonly string[], others: WrittenFields): void {
    this.#begin(status, writtenFields(fields), others)
  }

  #begin(status: number, fields: WrittenFields, others: WrittenFields): void {
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n${fields.text}${others.text}`
    if (fields.closes || others.closes) this.shouldKeepAlive = false
    if (!fields.hasDate && !others.hasDate) head += this.#carrier.dateField()
    if (!fields.hasConnection && !others.hasConnection) {
      head += this.shouldKeepAlive
        ? `Connection: keep-alive\r\n${this.#carrier.keepAliveField}`
        : 'Connection: close\r\n'
    }
    this.#hasBody = !this.#isToHead && status !== 204 && status !== 304
    if (this.#hasBody && !fields.hasLength && !others.hasLength) {
      this.#isChunked = true
      head += 'Transfer-Encoding: chunked\r\n'
    }
    this.statusCode = status
    this.headersSent = true
    this.#head = `${head}\r\n`
  }

  flushHeaders(): void {
    const { socket } = this.#carrier
    if (this.#head !== '' && socket.writable) socket.write(this.#takeHead(), 'latin1')
  }

  write(piece: Buffer): boolean {
    const { socket } = this.#carrier
    // The client has closed its side, and soon the other one will be: nobody is left to read this.
    if (!socket.writable || !this.#hasBody || piece.length === 0) return true
    socket.cork()
    this.flushHeaders()
    if (this.#isChunked) socket.write(`${piece.length.toString(16)}\r\n`, 'latin1')
    let isRoomLeft = socket.write(piece)
    if (this.#isChunked) isRoomLeft = socket.write('\r\n', 'latin1')
    socket.uncork()
    return isRoomLeft
  }

  end(last: string | Buffer = '', encoding: 'utf8' | 'latin1' = 'utf8'): void {
    const { socket } = this.#carrier
    if (!socket.writable) return
    const isText = encoding === 'latin1' || last.length === 0
    // One string, one write: what is nearly always the case.
    if (typeof last === 'string' && isText) {
      this.#last = this.#takeHead() + this.#lastChunk(last)
      this.#carrier.sendSoon()
      return
    }
    socket.cork()
    this.write(typeof last === 'string' ? Buffer.from(last, encoding) : last)
    socket.write(this.#takeHead() + this.#lastChunk(''), 'latin1')
    socket.uncork()
    this.#left()
  }

  /** By the connection: writes what is left. */
  send(): void {
    const { socket } = this.#carrier
    if (!socket.writable) return
    socket.write(this.#last, 'latin1')
    this.#last = ''
    this.#left()
  }

  #left(): void {
    const carrier = this.#carrier
    const { socket } = carrier
    // The kernel has nearly always taken all of it by now; to be called back costs a turn of the queue and two objects.
    if (socket.writableLength === 0 && socket.errored === null) return carrier.written()
    socket.write('', 'latin1', (error) => {
      // Otherwise the connection is about to close, and says so itself.
      if (error === undefined || error === null) carrier.written()
    })
  }

  on(_event: 'close', told: () => void): void {
    this.#closed = both(this.#closed, told)
  }

  once(_event: 'drain', told: () => void): void {
    this.#drained = both(this.#drained, told)
  }

  destroy(): void {
    this.#carrier.socket.destroy()
  }

  /** By the connection: there is room again. */
  drained(): void {
    const told = this.#drained
    this.#drained = undefined
    told?.()
  }

  /** By the connection: all of it has left, or none of it will any more. */
  closed(isFinished: boolean): void {
    this.writableFinished = isFinished
    this.destroyed = true
    const told = this.#closed
    this.#closed = undefined
    told?.()
  }

  #takeHead(): string {
    const head = this.#head
    this.#head = ''
    return head
  }

  /** What is left of the body, as it ends. */
  #lastChunk(text: string): string {
    if (!this.#hasBody) return ''
    if (!this.#isChunked) return text
    return text === '' ? '0\r\n\r\n' : `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`
  }
}

const request = { httpVersionMajor: 1 } as const

const nothing = writtenFields([])

const both = (first: (() => void) | undefined, second: () => void): (() => void) =>
  first === undefined
    ? second
    : () => {
        first()
        second()
      }
