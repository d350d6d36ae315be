import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Clock } from '@gatehouse/clock/clock.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { addConnectionNames, isHopByHop, namesSoftware } from './fields.ts'
import type { Onward } from './ports.ts'
import { refusalOf } from './upstream-failure.ts'

type Origins = {
  /** Never empty: the replicas, tried in turn from `first` on. */
  readonly pools: readonly Pick<Dispatcher, 'dispatch'>[]
  /** Of each pool, for the access line. */
  readonly names: readonly string[]
  readonly first: number
  /** Whether the connection that failed this way had answered something before. */
  readonly diedInUse: (error: Error) => boolean
  readonly clock: Clock
}

/**
 * Sends one request to an upstream and its answer to the client, both as streams. Resolves when the client's answer
 * has ended or the client has left; throws a refusal when the upstream gave no answer, or only a part of one.
 */
export const relay = (req: IncomingMessage, res: ServerResponse, onward: Onward, origins: Origins): Promise<void> =>
  new Promise((resolve, reject) => {
    const relayed = new Relay(req, res, onward, origins, reject)
    res.once('close', () => {
      relayed.clientLeft()
      resolve()
    })
    relayed.send()
  })

/** The two directions of one request, as undici drives them. */
class Relay implements Dispatcher.DispatchHandler {
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #onward: Onward
  readonly #origins: Origins
  readonly #fail: (error: unknown) => void
  #controller: Dispatcher.DispatchController | undefined
  /** Replicas tried so far. */
  #tried = 0
  /** At least one byte of the request may have reached an upstream. */
  #started = false
  #repeated = false
  /** Monotonic: handed to the pool, then begun on a connection. */
  #handedAt = 0
  #sentAt = 0
  #clientLeft = false
  /** The first piece of the body, kept back for one turn: if it is the last one too, the whole answer is one write. */
  #held: Buffer | undefined
  #streaming = false

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    onward: Onward,
    origins: Origins,
    fail: (error: unknown) => void,
  ) {
    this.#req = req
    this.#res = res
    this.#onward = onward
    this.#origins = origins
    this.#fail = fail
  }

  send(): void {
    const { pools, names, first, clock } = this.#origins
    const { target, headers, framing, body, journey, webSocket } = this.#onward
    this.#started = false
    const at = (first + this.#tried) % pools.length
    journey.upstream = names[at] ?? ''
    journey.tries += 1
    this.#handedAt = clock.monotonic()
    pools[at]?.dispatch(
      {
        path: target,
        // What a server's parser let through has a method.
        method: this.#req.method ?? 'GET',
        // undici reads flat arrays and writes none.
        headers: headers as string[],
        body: framing === 'none' ? null : (body ?? this.#req),
        ...(webSocket === undefined ? undefined : { upgrade: 'websocket' }),
      },
      this,
    )
  }

  /** Called when the client's side is closed, for better or for worse. */
  clientLeft(): void {
    if (this.#res.writableFinished) return
    this.#clientLeft = true
    this.#controller?.abort(clientGone)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#started = true
    this.#sentAt = this.#origins.clock.monotonic()
    this.#onward.journey.queueMs += this.#sentAt - this.#handedAt
    if (this.#clientLeft) controller.abort(clientGone)
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // A 101 that changes nothing, or that nobody asked for: what follows it is not HTTP.
    if (status < 100 || status > 599 || status === 101) {
      controller.abort(refuse('upstream-failed', { cause: new Error(`status ${status}`) }))
      return
    }
    // Interim answers were meant for us.
    if (status < 200) return
    this.#noteTheHead()
    const head = answerHead(status, controller.rawHeaders, this.#onward)
    // Answered before the request had ended: what still comes of it must not be taken for the next one.
    if (this.#onward.framing !== 'none' && !this.#req.complete) head.push('connection', 'close')
    this.#res.writeHead(status, head)
    process.nextTick(stream, this)
  }

  onRequestUpgrade(
    { rawHeaders }: Dispatcher.DispatchController,
    _status: number,
    _headers: unknown,
    upstream: Duplex,
  ): void {
    this.#controller = undefined
    this.#noteTheHead()
    const { webSocket } = this.#onward
    try {
      if (this.#res.destroyed) throw clientGone
      webSocket?.switched(
        upstream,
        Array.isArray(rawHeaders) ? rawHeaders.map(text) : [],
        answerHead(101, rawHeaders, this.#onward),
      )
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
    this.stream()
    this.#write(controller, chunk)
  }

  onResponseEnd(): void {
    this.#controller = undefined
    if (this.#held === undefined) this.#res.end()
    else this.#res.end(this.#held)
    this.#held = undefined
    this.#streaming = true
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#controller = undefined
    if (!this.#res.headersSent) this.#noteTheHead()
    // The promise has been kept already: there is nobody left to answer.
    if (this.#clientLeft || this.#res.destroyed) return
    if (this.#mayTryAgain(error)) this.send()
    else this.#fail(refusalOf(error, this.#started))
  }

  /** Sends what has come so far: the rest is not here yet. */
  stream(): void {
    if (this.#streaming) return
    this.#streaming = true
    const held = this.#held
    this.#held = undefined
    if (held !== undefined && this.#controller !== undefined) this.#write(this.#controller, held)
    else this.#res.flushHeaders()
  }

  /** The head has come, or will not come any more. */
  #noteTheHead(): void {
    const now = this.#origins.clock.monotonic()
    if (this.#started) this.#onward.journey.upstreamMs = now - this.#sentAt
    else this.#onward.journey.queueMs += now - this.#handedAt
  }

  #write(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#res.write(chunk) || controller.paused) return
    controller.pause()
    this.#res.once('drain', () => controller.resume())
  }

  #mayTryAgain(error: Error): boolean {
    if (this.#res.headersSent) return false
    if (!this.#started) {
      // Nothing was sent: the next replica can have it, body and all.
      this.#tried += 1
      return this.#tried < this.#origins.pools.length
    }
    // The upstream closed an idle connection just as we chose it. A safe request may be repeated (RFC 9110, section
    // 9.2.2).
    const { method } = this.#req
    const isSafe = (method === 'GET' || method === 'HEAD') && this.#onward.framing === 'none'
    if (this.#repeated || !isSafe || !this.#origins.diedInUse(error)) return false
    this.#repeated = true
    return true
  }
}

const clientGone = new Error('the client left')

/** One function for all requests, where a closure would be one for each. */
const stream = (relayed: Relay): void => relayed.stream()

type RawHeaders = Dispatcher.DispatchController['rawHeaders']

/**
 * The upstream's fields without those that concern its connection or its software, and with ours in place of its own.
 */
const answerHead = (
  status: number,
  rawHeaders: RawHeaders,
  { answerHeaders: ours, saysCors }: Pick<Onward, 'answerHeaders' | 'saysCors'>,
): string[] => {
  const head = [...ours]
  // A flat array is what undici's HTTP/1 parser gives.
  if (!Array.isArray(rawHeaders)) return head
  const nominated = nominatedIn(rawHeaders)
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = text(rawHeaders[at])
    const lower = name.toLowerCase()
    if (isHopByHop(lower) || namesSoftware(lower) || isNamed(ours, lower) || nominated.has(lower)) continue
    if (saysCors && lower.startsWith('access-control-')) continue
    // RFC 9110, section 8.6: 204 has no length, and a client that believes one waits for it.
    if (status === 204 && lower === 'content-length') continue
    head.push(name, text(rawHeaders[at + 1]))
  }
  return head
}

/** The names that the upstream's `Connection` fields keep to its connection. */
const nominatedIn = (rawHeaders: readonly (Buffer | string)[]): ReadonlySet<string> => {
  const names = new Set<string>()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.length === 'connection'.length && text(rawHeaders[at]).toLowerCase() === 'connection') {
      addConnectionNames(text(rawHeaders[at + 1]), names)
    }
  }
  return names
}

const isNamed = (flat: readonly string[], name: string): boolean => {
  for (let at = 0; at < flat.length; at += 2) if (flat[at] === name) return name !== 'vary'
  return false
}

/** Header fields are bytes; Latin-1 takes them there and back unchanged. */
const text = (part: Buffer | string | undefined): string =>
  typeof part === 'string' ? part : (part?.toString('latin1') ?? '')
