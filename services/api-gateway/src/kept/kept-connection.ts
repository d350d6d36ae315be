import { connect, type Socket } from 'node:net'
import { errors } from 'undici'
import { AnswerReader, type AnswerParts } from './answer-reader.ts'
import type { Attempt, Line } from './attempt.ts'
import type { KnownAnswer } from './known-answer.ts'
import { UpstreamFault } from './upstream-fault.ts'

/** What a connection needs of those it belongs to. */
export type Owner = {
  readonly host: string
  readonly port: number
  readonly answerHeadBytesMax: number
  /** In ticks of the owner, which tells each connection of them. */
  readonly ticks: {
    readonly connect: number
    readonly answerHead: number
    readonly answerPause: number
    readonly keepAlive: number
    readonly beforeWrite: number
    readonly perSecond: number
  }
  /** Has the connection's `write` called behind this turn, with those of others. */
  readonly writeSoon: (connection: KeptConnection) => void
  readonly idle: (connection: KeptConnection) => void
  readonly gone: (connection: KeptConnection) => void
  /** Sends this on a new connection: of all that it is, nothing was written on the one it was given. */
  readonly again: (attempt: Attempt) => void
  /** The upstream closed a connection that had served before, in answer to this request: it may not have seen it. */
  readonly diedInUse: (error: Error) => void
}

/**
 * One connection to an upstream, which takes one request at a time: behind a second one, an answer that breaks off
 * would leave two clients without an answer.
 */
export class KeptConnection implements Line, AnswerParts {
  readonly #owner: Owner
  readonly #reader: AnswerReader
  readonly #socket: Socket
  /** For all that this connection ever reads: a new piece for each answer costs more than it. */
  readonly #memory = Buffer.allocUnsafeSlow(readBytes)
  #attempt: Attempt | undefined
  /** The request of `#attempt` has been written. */
  #isAsked = false
  #isOpen = false
  #served = 0
  /** Until this connection has waited too long for what comes next. */
  #ticksLeft: number
  /** Since its last answer. */
  #ticksIdle = 0

  constructor(owner: Owner, first: Attempt) {
    this.#owner = owner
    this.#reader = new AnswerReader(owner.answerHeadBytesMax)
    this.#attempt = first
    this.#ticksLeft = owner.ticks.connect
    this.#socket = connect({
      host: owner.host,
      port: owner.port,
      noDelay: true,
      onread: {
        buffer: this.#memory,
        callback: (count) => {
          this.#read(count)
          return true
        },
      },
    })
    this.#socket.once('connect', () => {
      this.#isOpen = true
      if (this.#attempt !== undefined) this.send(this.#attempt)
    })
    this.#socket.once('end', () => this.#ended())
    this.#socket.on('error', (error) => this.#broken(error))
    this.#socket.once('close', () => this.#broken(new UpstreamFault('the upstream closed the connection')))
  }

  /** Sends a request. On an open connection, between two others. */
  send(attempt: Attempt): void {
    this.#attempt = attempt
    if (!attempt.start(this)) return this.destroy()
    this.#reader.begin(attempt.method)
    this.#ticksLeft = this.#owner.ticks.answerHead
    this.#owner.writeSoon(this)
  }

  /** Writes the request that is to be sent, when somebody still wants it. */
  write(): void {
    if (this.#attempt === undefined) return
    this.#isAsked = true
    this.#socket.write(this.#attempt.bytes, 'latin1')
  }

  /**
   * Whether it has been idle for so short a time that no service closes it for that: what is sent on it just then may
   * have been executed or not, and could not be sent once more.
   */
  isFresh(): boolean {
    return this.#ticksIdle < this.#owner.ticks.beforeWrite
  }

  /** Some time has passed. */
  tick(): void {
    const attempt = this.#attempt
    this.#ticksIdle += 1
    // Whoever holds the answer back is not waited for here: the client has limits of its own.
    if (attempt?.paused === true) return
    this.#ticksLeft -= 1
    if (this.#ticksLeft >= 0) return
    if (attempt === undefined) this.#broken(idleForLong)
    else if (!this.#isOpen) this.#broken(new errors.ConnectTimeoutError())
    else if (attempt.rawHeaders === null) this.#broken(new errors.HeadersTimeoutError())
    else this.#broken(new errors.BodyTimeoutError())
  }

  /** As a part of an answer: its head has come. */
  head(status: number, rawHeaders: string[], known?: KnownAnswer): void {
    this.#attempt?.answer(status, rawHeaders, known)
  }

  piece = (bytes: Buffer): void => this.#attempt?.piece(bytes)

  whole(body: string): void {
    this.#attempt?.whole(body)
  }

  hold(): void {
    this.#socket.pause()
  }

  release(): void {
    this.#ticksLeft = this.#owner.ticks.answerPause
    this.#socket.resume()
  }

  destroy(): void {
    this.#attempt = undefined
    this.#socket.destroy()
  }

  #read(count: number): void {
    const attempt = this.#attempt
    // Nobody asked: what it is can only be guessed, and the next answer would be guessed with it.
    if (attempt === undefined || !this.#isAsked) return this.#broken(unasked)
    let isComplete = false
    try {
      isComplete = this.#reader.read(this.#memory, count, this)
    } catch (error) {
      return this.#broken(error instanceof Error ? error : new UpstreamFault(String(error)))
    }
    // It may have been aborted by what it was told.
    if (this.#attempt !== attempt) return
    if (attempt.rawHeaders !== null) this.#ticksLeft = this.#owner.ticks.answerPause
    if (isComplete) this.#complete(attempt)
    else if (attempt.rawHeaders !== null) attempt.rest()
  }

  #complete(attempt: Attempt): void {
    const { keepAlive, perSecond } = this.#owner.ticks
    this.#attempt = undefined
    this.#isAsked = false
    this.#served += 1
    // One second less than the upstream says: a request that is on its way when it closes is lost.
    this.#ticksLeft = Math.min(keepAlive, Math.floor((this.#reader.idleSecondsMax - 1) * perSecond))
    this.#ticksIdle = 0
    // An answer may come before all of the request has left: the rest of it would stand before the next one.
    if (this.#reader.persists && this.#ticksLeft > 0 && this.#socket.writableLength === 0) {
      if (attempt.paused) this.#socket.resume()
      this.#owner.idle(this)
    } else this.#socket.destroy()
    attempt.end()
  }

  #ended(): void {
    const attempt = this.#attempt
    if (attempt !== undefined && this.#reader.closed()) this.#complete(attempt)
    else this.#broken(new UpstreamFault('the upstream closed the connection'))
  }

  #broken(error: Error): void {
    this.#socket.destroy()
    const attempt = this.#attempt
    this.#attempt = undefined
    // Closed by the other side between two requests: whatever this one does, it was not done.
    const isUnsent = attempt !== undefined && this.#served > 0 && !this.#isAsked
    if (isUnsent) this.#owner.again(attempt)
    this.#owner.gone(this)
    if (attempt === undefined || isUnsent) return
    const isRace = this.#served > 0 && !this.#reader.hasBegun() && !(error instanceof errors.HeadersTimeoutError)
    if (isRace) this.#owner.diedInUse(error)
    attempt.fail(error)
  }
}

/** Of one connection: most answers in one piece, large ones in few. */
const readBytes = 65_536

const idleForLong = new UpstreamFault('the connection was idle for long')
const unasked = new UpstreamFault('the upstream speaks unasked')
