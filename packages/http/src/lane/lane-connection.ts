import type { Socket } from 'node:net'
import { endedTooSoon, tookTooLong, type Fault } from '../answer-unread.ts'
import type { Listener } from '../listener.ts'
import type { HeadMemory } from './head-memory.ts'
import { LaneAnswer, type Carrier } from './lane-answer.ts'
import { LaneRequest } from './lane-request.ts'
import { requestHead, type RequestHead } from './request-head.ts'
import { isBegunHead } from './simple-form.ts'

/** What a connection needs of the lane that it is on. */
export type Lane = {
  readonly serve: Listener
  readonly takes: (method: string, target: string) => boolean
  /** Of all its connections. */
  readonly memory: HeadMemory
  /** Longer heads are not read here. */
  readonly headerBytesMax: number
  readonly dateField: () => string
  readonly keepAliveField: string
  readonly isDraining: () => boolean
  /** In ticks of the lane, which tells each connection of them. */
  readonly ticks: { readonly head: number; readonly keepAlive: number }
  /** It has left the lane: closed, or handed over. */
  readonly left: (connection: LaneConnection) => void
  /** A request has come; it has got its answer, or will get none. */
  readonly begun: () => void
  readonly ended: () => void
  /** Has the connection's `send` called behind this turn, with those of others. */
  readonly sendSoon: (connection: LaneConnection) => void
  /** Closes a connection when its last answer has been sent. */
  readonly closeSoon: (socket: Socket) => void
  /** Tells a client what is wrong with a request that is not whole, and closes the connection. */
  readonly refuse: (fault: Fault, socket: Socket) => void
  /**
   * Gives the connection to `node:http`, as if it came now and with what is still unread on it. With the ticks that are
   * left of its head, where one has begun.
   */
  readonly handOver: (socket: Socket, ticksLeft?: number) => void
}

/**
 * A connection of which we read the bytes ourselves, for as long as each request on it comes alone and in the simplest
 * form, its body with it. At the first one that does not it becomes a connection of `node:http` and remains one.
 */
export class LaneConnection implements Carrier {
  readonly #lane: Lane
  readonly socket: Socket
  /** The one under way. */
  #answer: LaneAnswer | undefined
  /** What was read of the request before. */
  #head: RequestHead | undefined
  /** What there is of a head that may become one of ours. */
  #begun: string | undefined
  /** What came before its turn. */
  #held: Buffer | undefined
  /** Its last answer has been sent, or is about to be. */
  #isLeaving = false
  #ticksLeft: number

  constructor(lane: Lane, socket: Socket) {
    this.#lane = lane
    this.socket = socket
    this.#ticksLeft = lane.ticks.head
    const carrier: LaneSocket = socket
    carrier[carried] = this
    socket.on('data', onData).on('end', onEnd).on('drain', onDrain).on('error', onError).on('close', onClose)
  }

  get dateField(): () => string {
    return this.#lane.dateField
  }

  get keepAliveField(): string {
    return this.#lane.keepAliveField
  }

  /** Some time has passed, of which heads and idle connections have only so much. */
  tick(): void {
    if (this.#answer !== undefined || this.#isLeaving) return
    this.#ticksLeft -= 1
    if (this.#ticksLeft >= 0) return
    if (this.isIdle() && this.socket.bytesRead > 0) return void this.socket.destroy()
    this.#refuse(tookTooLong)
  }

  get answer(): LaneAnswer | undefined {
    return this.#answer
  }

  isIdle(): boolean {
    return this.#answer === undefined && this.#begun === undefined && !this.#isLeaving
  }

  /** Tells the client not to return on this connection, when that can still be said. */
  sendElsewhere(): void {
    if (this.#answer !== undefined && !this.#answer.headersSent) this.#answer.shouldKeepAlive = false
  }

  sendSoon(): void {
    this.#lane.sendSoon(this)
  }

  /** What was to be sent soon, when it is still wanted. */
  send(): void {
    this.#answer?.send()
  }

  written(): void {
    const answer = this.#answer
    if (answer === undefined) return
    this.#answer = undefined
    this.#ticksLeft = this.#lane.ticks.keepAlive
    this.#lane.ended()
    answer.closed(true)
    if (!answer.shouldKeepAlive) {
      this.#isLeaving = true
      this.#lane.closeSoon(this.socket)
    } else if (this.#held !== undefined) this.#handOver(this.#held)
  }

  read(bytes: Buffer): void {
    if (this.#answer !== undefined) {
      // Executed when its turn has come, in the order that was meant (RFC 9112, section 9.3.2).
      this.socket.pause()
      this.#held = this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes])
      return
    }
    const begun = this.#begun
    // Of one that comes in pieces most are not the last.
    if (begun !== undefined && this.#waits(begun + bytes.toString('latin1'))) return
    const { headerBytesMax, memory, takes } = this.#lane
    const all = begun === undefined ? bytes : Buffer.concat([Buffer.from(begun, 'latin1'), bytes])
    const head = all.length < headerBytesMax ? requestHead(all, this.#head, memory) : undefined
    if (head === undefined && begun === undefined && all.length < begunMax && this.#waits(all.toString('latin1')))
      return
    if (head === undefined || !takes(head.method, head.target)) return this.#handOver(all)
    this.#begun = undefined
    this.#head = head
    this.#answer = new LaneAnswer(this, head.method, !this.#lane.isDraining())
    this.#lane.begun()
    const { bodyBytes } = head
    // Not a part of the head, which is kept.
    const body = bodyBytes === undefined ? undefined : all.toString('latin1', all.length - bodyBytes)
    this.#lane.serve(new LaneRequest(head, body, this.socket), this.#answer)
  }

  /**
   * Whether this may be the beginning of a head of ours. If so its rest is waited for: a string each is all that
   * clients get who send a byte now and then, in their thousands.
   */
  #waits(text: string): boolean {
    if (text.length >= begunMax || !isBegunHead(text)) return false
    // Counted from the first byte.
    if (this.#begun === undefined) this.#ticksLeft = this.#lane.ticks.head
    this.#begun = text
    return true
  }

  /** Whoever closes one side has left, as for `node:http`, and may hear what is missing. */
  ended(): void {
    if (this.#begun === undefined) this.socket.end()
    else this.#refuse(endedTooSoon)
  }

  drained(): void {
    this.#answer?.drained()
  }

  closed(): void {
    this.#lane.left(this)
    const answer = this.#answer
    if (answer === undefined) return
    this.#answer = undefined
    this.#lane.ended()
    answer.closed(false)
  }

  #refuse(fault: Fault): void {
    this.#isLeaving = true
    this.#lane.refuse(fault, this.socket)
  }

  #handOver(unread: Buffer): void {
    const { socket } = this
    this.#held = undefined
    this.#lane.left(this)
    socket.off('data', onData).off('end', onEnd).off('drain', onDrain).off('error', onError).off('close', onClose)
    const carrier: LaneSocket = socket
    carrier[carried] = undefined
    // What is put back waits until somebody else listens.
    socket.pause()
    socket.unshift(unread)
    this.#lane.handOver(socket, this.#begun === undefined ? undefined : this.#ticksLeft)
    socket.resume()
  }
}

/**
 * Where a socket keeps its connection, so that all of them share these listeners: with some of its own each would be
 * half as large again, and thousands of slow clients are what the collector copies
 * (docs/decisions/0008-cost-of-a-request.md).
 */
const carried = Symbol('lane connection')

type LaneSocket = Socket & { [carried]?: LaneConnection | undefined }

function onData(this: LaneSocket, bytes: Buffer): void {
  this[carried]?.read(bytes)
}

function onEnd(this: LaneSocket): void {
  this[carried]?.ended()
}

function onDrain(this: LaneSocket): void {
  this[carried]?.drained()
}

/** The end follows by itself. */
const onError = (): void => {}

function onClose(this: LaneSocket): void {
  this[carried]?.closed()
}

/** In bytes. A longer head is not waited for here: it is looked at again with every piece of it that comes. */
const begunMax = 4_096
