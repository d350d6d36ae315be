import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Bearer } from '@gatehouse/contract/operation.ts'
import type { Answering, Asked } from '@gatehouse/http/listener.ts'
import { withoutMapping } from './address.ts'
import { fieldBlock, type FieldBlock } from './field-block.ts'
import { readFields, type KnownFields } from './known-fields.ts'
import type { Message } from './message.ts'
import type { Journey } from './ports.ts'
import { nowhere, type Route } from './routes.ts'
import type { WebSocketRequest } from './web-socket/web-socket-request.ts'

/** One request and its answer: each step reads what the steps before it wrote, and writes its own part. */
export type Exchange = Journey & {
  readonly req: Asked
  readonly res: Answering
  readonly message: Message
  /** What follows from its fields alone, and may have been worked out before. */
  readonly known: KnownFields
  /** Monotonic milliseconds. */
  readonly startedAt: number
  /**
   * Of the peer, until "find the client" knows better. Taken at once: a request that undici has read to its end has
   * lost its socket.
   */
  address: string
  /** As above: whether the client's own connection is. */
  encrypted: boolean
  /** By "find the client": the name that the client called, when a trusted proxy says so. */
  calledHost: string | undefined
  readonly socket: Socket
  /** When the client asked for one. */
  readonly webSocket: WebSocketRequest | undefined
  /** By "name the request". */
  requestId: string
  /** By "join the trace": what those behind us are told, with an id for this hop. */
  traceparent: string
  /** By "join the trace": empty when there is none. */
  tracestate: string
  /** By "refuse what is malformed": in normal form, without the query. */
  path: string
  /** By "refuse what is malformed": with its question mark, as it came; empty when there is none. */
  query: string
  /** By "drop what only we may say": what the client says to the upstream. */
  clientFields: FieldBlock
  /** By "drop what only we may say", added to by later steps: flat, what we say to it besides. */
  headers: string[]
  /**
   * By "name the request", added to by later steps: flat and lower case, what every answer says, whoever gives it.
   */
  answerHeaders: string[]
  /** By "find the route". */
  route: Route
  /** By "bound the body", when it has to be counted as it comes. */
  body: Readable | undefined
  /** By "limit the rate" or "authenticate", when there was a good token and the route asks for one. */
  caller: Bearer | undefined
}

/** Passes on by returning, later when it returns a promise; refuses by throwing a refusal. */
export type Step = (exchange: Exchange) => void | Promise<void>

/** Opens an exchange that no step has seen. */
export const exchangeOf = (
  req: Asked,
  res: Answering,
  startedAt: number,
  webSocket?: WebSocketRequest,
  known = readFields(req),
): Exchange => {
  const { socket } = req
  const peer = socket.remoteAddress ?? ''
  return {
    req,
    res,
    message: { ...known.said, method: req.method ?? '', target: req.url ?? '' },
    known,
    startedAt,
    address: withoutMapping(peer),
    encrypted: 'encrypted' in socket,
    calledHost: undefined,
    socket,
    webSocket,
    requestId: '',
    traceparent: '',
    tracestate: '',
    path: '',
    query: '',
    clientFields: noFields,
    headers: [],
    answerHeaders: [],
    route: nowhere,
    body: undefined,
    caller: undefined,
    upstream: '',
    tries: 0,
    queueMs: 0,
    upstreamMs: 0,
    bytesOut: 0,
  }
}

const noFields = fieldBlock([])
