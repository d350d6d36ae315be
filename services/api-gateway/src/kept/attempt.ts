import type { Dispatcher } from 'undici'
import type { KnownAnswer } from './known-answer.ts'

/** The connection that an attempt is on. */
export type Line = {
  readonly hold: () => void
  readonly release: () => void
  readonly destroy: (reason: Error) => void
}

/** A handler as undici has them, which may also take a small body as a string. */
export type AnswerHandler = Dispatcher.DispatchHandler & {
  /** Instead of `onResponseData`: all of the body, as Latin-1. The end follows at once. */
  onWholeBody?(controller: Dispatcher.DispatchController, body: string): void
  /** Of the answer that has begun there is no more at hand; the rest comes later. */
  onRest?(): void
}

/**
 * One request under way on a connection, as undici's handlers know it. An object of its own: whoever keeps it past the
 * end of the answer must not touch the next request on the connection.
 */
export class Attempt implements Dispatcher.DispatchController {
  readonly method: string
  /** All of the request, as it is written: Latin-1. */
  readonly bytes: string
  #handler: AnswerHandler | undefined
  #line: Line | undefined
  paused = false
  reason: Error | null = null
  rawHeaders: string[] | null = null
  /** When the head of the answer is one that is known. */
  known: KnownAnswer | undefined
  readonly rawTrailers = null

  constructor(method: string, bytes: string, handler: AnswerHandler) {
    this.method = method
    this.bytes = bytes
    this.#handler = handler
  }

  get aborted(): boolean {
    return this.reason !== null
  }

  /** Is about to be sent on this connection. False when nobody wants it any more. */
  start(line: Line): boolean {
    this.#line = line
    this.#handler?.onRequestStart?.(this, undefined)
    return !this.aborted
  }

  answer(status: number, rawHeaders: string[], known?: KnownAnswer): void {
    this.rawHeaders = rawHeaders
    this.known = known
    this.#handler?.onResponseStart?.(this, status, {})
  }

  piece(bytes: Buffer): void {
    // A copy: the connection reads into the same memory again.
    this.#handler?.onResponseData?.(this, Buffer.from(bytes))
  }

  whole(body: string): void {
    const handler = this.#handler
    if (handler?.onWholeBody === undefined) handler?.onResponseData?.(this, Buffer.from(body, 'latin1'))
    else handler.onWholeBody(this, body)
  }

  rest(): void {
    this.#handler?.onRest?.()
  }

  end(): void {
    const handler = this.#handler
    this.#handler = undefined
    this.#line = undefined
    handler?.onResponseEnd?.(this, {})
  }

  /** Tells the handler, once, that there will be no whole answer. */
  fail(error: Error): void {
    const handler = this.#handler
    this.#handler = undefined
    this.#line = undefined
    handler?.onResponseError?.(this, error)
  }

  abort(reason: Error): void {
    if (this.#handler === undefined || this.aborted) return
    this.reason = reason
    this.#line?.destroy(reason)
    this.fail(reason)
  }

  pause(): void {
    if (this.#line === undefined || this.paused) return
    this.paused = true
    this.#line.hold()
  }

  resume(): void {
    if (this.#line === undefined || !this.paused) return
    this.paused = false
    this.#line.release()
  }
}
