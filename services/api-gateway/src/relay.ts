import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import { Refusal, refuse } from '@gatehouse/contract/refusals.ts'
import type { Answering, Asked } from '@gatehouse/http/listener.ts'
import { answerHead, closesConnection, text, writeAnswerHead } from './answer-head.ts'
import type { Timed } from './deadlines.ts'
import { isAwaited, whenBegun } from './first-bytes.ts'
import { Attempt, type AnswerHandler } from './kept/attempt.ts'
import type { Origin, Origins } from './origins.ts'
import type { Onward } from './ports.ts'
import { isBodiless, isIdempotent } from './request-methods.ts'
import { isOurFault, refusalOf } from './upstream-failure.ts'
import { bodyOf, isWaitedFor } from './whole-body.ts'

/**
 * Sends one request to an upstream and its answer to the client, both as streams. Resolves when the client's answer
 * has ended or the client has left; throws a refusal when the upstream gave no answer, or only a part of one.
 */
export const relay = (req: Asked, res: Answering, onward: Onward, origins: Origins): Promise<void> =>
  new Promise((resolve, reject) => {
    const relayed = new Relay(req, res, onward, origins, reject)
    relayed.start()
    // Not `once`, which makes two more objects: to be told again changes nothing.
    res.on('close', () => {
      relayed.clientLeft()
      resolve()
    })
  })

/** The two directions of one request, as undici drives them. */
class Relay implements AnswerHandler, Timed {
  readonly #req: Asked
  readonly #res: Answering
  readonly #onward: Onward
  readonly #origins: Origins
  readonly #fail: (error: unknown) => void
  /** All of its body, as Latin-1, where it is sent on as a whole. */
  #body: string | undefined
  #controller: Dispatcher.DispatchController | undefined
  /** Where the attempt goes that is under way. */
  #origin: Origin | undefined
  /** Where the attempts before it went. */
  #tried: Origin[] | undefined
  #repeats = 0
  /** At least one byte of this attempt may have reached an upstream; of any attempt. */
  #started = false
  #everStarted = false
  /** Monotonic: handed to the pool, then begun on a connection. */
  #handedAt = 0
  #sentAt = 0
  /** The client has left, or was told that it takes too long: nobody waits for what comes. */
  #over = false
  /** The first piece of the body, kept back for one turn: if it is the last one too, the whole answer is one write. */
  #held: Buffer | undefined
  /** All of the body, as Latin-1. */
  #whole: string | undefined
  #streaming = false
  // As a link in the list of deadlines.
  dueAt = 0
  earlier: Timed | undefined
  later: Timed | undefined

  constructor(req: Asked, res: Answering, onward: Onward, origins: Origins, fail: (error: unknown) => void) {
    this.#req = req
    this.#body = req.wholeBody
    this.#res = res
    this.#onward = onward
    this.#origins = origins
    this.#fail = fail
  }

  /** Throws a refusal when it would only wait. */
  start(): void {
    const origins = this.#origins
    origins.admit()
    const origin = origins.choose(noneYet)
    if (origin === undefined) return
    const now = origins.now()
    origins.deadlines.add(this, now)
    this.#send(origin, now)
  }

  /** Called when the client's side is closed, for better or for worse. */
  clientLeft(): void {
    if (this.#res.writableFinished) return
    this.#over = true
    this.#origins.deadlines.remove(this)
    this.#giveUp(clientGone)
  }

  /** Called when there is no answer by the deadline. */
  expire(): void {
    this.#over = true
    const isForClient = this.#onward.framing !== 'none' && isWaitedFor(this.#req)
    if (!isForClient) this.#origins.gaveUp()
    const code = isForClient ? 'request-timeout' : this.#everStarted ? 'upstream-timeout' : 'service-unavailable'
    this.#fail(refuse(code, { cause: deadlinePassed }))
    this.#giveUp(isForClient ? clientGone : deadlinePassed)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#over) return controller.abort(clientGone)
    this.#controller = controller
    this.#started = true
    this.#everStarted = true
    this.#sentAt = this.#origins.now()
    this.#onward.journey.queueMs += this.#sentAt - this.#handedAt
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // A 101 that changes nothing, or that nobody asked for: what follows it is not HTTP.
    if (status < 100 || status > 599 || status === 101) {
      controller.abort(new Error(`status ${status}`))
      return
    }
    // Interim answers were meant for us.
    if (status < 200) return
    this.#noteTheHead()
    // Answered before the request had ended: what still comes of it must not be taken for the next one.
    const closes = this.#onward.framing !== 'none' && !this.#req.complete
    writeAnswerHead(this.#res, status, controller, this.#onward, closes)
    this.#origins.deadlines.remove(this)
    if (this.#origin !== undefined) {
      this.#origins.answered(this.#origin, status)
      if (this.#origins.hasChoice && closesConnection(controller.rawHeaders)) this.#origins.leaves(this.#origin)
    }
    // undici does not tell when no more is at hand.
    if (!(controller instanceof Attempt)) process.nextTick(stream, this)
  }

  onRequestUpgrade(
    { rawHeaders }: Dispatcher.DispatchController,
    _status: number,
    _headers: unknown,
    upstream: Duplex,
  ): void {
    this.#noteTheHead()
    this.#origins.deadlines.remove(this)
    // What is open from here on is not a request under way: it has a limit of its own.
    const origin = this.#attemptEnded()
    if (origin !== undefined) this.#origins.answered(origin, 101)
    try {
      if (this.#over || this.#res.destroyed) throw clientGone
      const fields = Array.isArray(rawHeaders) ? rawHeaders.map(text) : []
      this.#onward.webSocket?.switched(upstream, fields, answerHead(101, rawHeaders, this.#onward))
    } catch (error) {
      upstream.on('error', () => {}).destroy()
      this.#fail(error)
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#onward.journey.bytesOut += chunk.length
    if (!this.#streaming && this.#held === undefined) {
      this.#held = chunk
      return
    }
    this.onRest()
    this.#write(controller, chunk)
  }

  onWholeBody(_controller: Dispatcher.DispatchController, body: string): void {
    this.#onward.journey.bytesOut += body.length
    this.#whole = body
  }

  onResponseEnd(): void {
    const origin = this.#attemptEnded()
    if (origin !== undefined) this.#origins.completed(origin, this.#res.statusCode)
    if (this.#whole !== undefined) this.#res.end(this.#whole, 'latin1')
    else if (this.#held === undefined) this.#res.end()
    else if (this.#held.length > oneStringBytesMax) this.#res.end(this.#held)
    // Text goes out in one piece with the head; Latin-1 takes bytes there and back unchanged.
    else this.#res.end(this.#held.toString('latin1'), 'latin1')
    this.#held = undefined
    this.#streaming = true
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (!this.#res.headersSent) this.#noteTheHead()
    const origin = this.#attemptEnded()
    // The promise has been kept already: there is nobody left to answer.
    if (this.#over || this.#res.destroyed) {
      if (error === deadlinePassed && origin !== undefined) this.#origins.failed(origin, error)
      return
    }
    // A refusal is the fault of the request's body.
    if (origin !== undefined && !(error instanceof Refusal) && !isOurFault(error)) {
      this.#origins.failed(origin, error)
      const next = this.#nextAfter(origin, error)
      if (next !== undefined) return this.#send(next, this.#origins.now())
      if (!this.#res.headersSent) this.#origins.gaveUp()
    }
    this.#origins.deadlines.remove(this)
    this.#fail(refusalOf(error, this.#everStarted))
  }

  /** Sends what has come so far: the rest is not here yet. */
  onRest(): void {
    if (this.#streaming) return
    this.#streaming = true
    const held = this.#held
    this.#held = undefined
    if (held !== undefined && this.#controller !== undefined) this.#write(this.#controller, held)
    else this.#res.flushHeaders()
  }

  #send(origin: Origin, now: number): void {
    this.#origin = origin
    this.#origins.joined(origin)
    // There is none, it came from the lane, or it has been waited for.
    if (this.#body !== undefined || !isAwaited(this.#onward)) return this.#dispatch(origin, now)
    whenBegun(this.#req, this.#onward, (whole) => {
      if (this.#over) return
      this.#body = whole
      this.#dispatch(origin, this.#origins.now())
    })
  }

  #dispatch(origin: Origin, now: number): void {
    const { target, clientFields, headers, framing, body, journey, webSocket } = this.#onward
    // What a server's parser let through has a method.
    const { method = 'GET' } = this.#req
    journey.upstream = origin.origin
    journey.tries += 1
    this.#handedAt = now
    this.#started = false
    origin.way.dispatch(
      {
        path: target,
        method,
        clientFields,
        headers,
        body: framing === 'none' ? null : (this.#body ?? body ?? bodyOf(this.#req)),
        // A service that expects no body here may not read it, and take it for a request of its own: the answer to that
        // would be the next client's.
        reset: framing !== 'none' && isBodiless(method),
        ...(webSocket === undefined ? undefined : { upgrade: 'websocket' }),
      },
      this,
    )
  }

  #giveUp(reason: Error): void {
    this.#controller?.abort(reason)
    // Nothing is under way that could end: its body has not come.
    if (this.#onward.journey.tries === 0) this.#attemptEnded()
  }

  /** Of undici's two last calls for an attempt one comes, once. */
  #attemptEnded(): Origin | undefined {
    const origin = this.#origin
    this.#origin = undefined
    this.#controller = undefined
    if (origin !== undefined) this.#origins.left(origin)
    return origin
  }

  /** The head has come, or will not come any more. */
  #noteTheHead(): void {
    const now = this.#origins.now()
    if (this.#started) this.#onward.journey.upstreamMs = now - this.#sentAt
    else this.#onward.journey.queueMs += now - this.#handedAt
  }

  #write(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#res.write(chunk) || controller.paused) return
    controller.pause()
    this.#res.once('drain', () => controller.resume())
  }

  /** Where the request goes once more, if it may. */
  #nextAfter(failed: Origin, error: Error): Origin | undefined {
    if (this.#res.headersSent) return undefined
    const tried = (this.#tried ??= [])
    tried.push(failed)
    // Nothing was sent: another replica can have it, body and all.
    if (!this.#started) return this.#origins.choose(tried)
    // Whoever repeats what may have been executed needs to know that it makes no difference (RFC 9110, section 9.2.2),
    // and must have all of it: a body that is not kept went with the first attempt.
    const { method = '' } = this.#req
    if (!isIdempotent(method) || (this.#onward.framing !== 'none' && this.#body === undefined)) return undefined
    if (this.#repeats >= this.#origins.retriesMax) return undefined
    // Elsewhere. To the same replica only when it closed an idle connection just as we chose it: that was no refusal.
    const next = this.#origins.choose(tried) ?? (this.#origins.diedInUse(error) ? failed : undefined)
    if (next === undefined || !this.#origins.budget.spend()) return undefined
    this.#repeats += 1
    return next
  }
}

/** Of a whole answer's body; for a longer one the copy costs more than the second piece. */
const oneStringBytesMax = 16_384

const clientGone = new Error('the client left')
const deadlinePassed = new Error('the deadline has passed')
const noneYet: readonly Origin[] = []

/** One function for all requests, where a closure would be one for each. */
const stream = (relayed: Relay): void => relayed.onRest()
