/** One answered request: becomes one log line and one observation in the metrics. Times are in milliseconds. */
export type Answered = {
  readonly requestId: string
  readonly method: string
  /** The operation's or route's name: a bounded set, so that it can be a label. */
  readonly route: string
  /** What the service called it, where the gateway knows that. */
  readonly operation?: string | undefined
  /** The path without its query: queries carry secrets. */
  readonly path: string
  readonly status: number
  /** The code of the refusal, or why the answer broke off. */
  readonly code?: string | undefined
  readonly durationMs: number
  /** From sending the request on to the head of the answer, or to the failure; absent when nothing was sent. */
  readonly upstreamMs?: number | undefined
  /** Spent waiting for a place or a connection on the way to an upstream, over all tries. */
  readonly queueMs?: number | undefined
  /** The origin that was tried last. */
  readonly upstream?: string | undefined
  /** How many times the request was handed to an origin. */
  readonly tries?: number | undefined
  /** Of the answer's body, as the upstream sent it. */
  readonly bytesOut?: number | undefined
  /** Of a WebSocket: what came from the client; `bytesOut` is what went to it. */
  readonly bytesIn?: number | undefined
  readonly address: string
  /** Whether the client's connection is. */
  readonly encrypted?: boolean | undefined
  readonly userId?: string | undefined
  /** Our own, made by `Traces`: the trace that the request belongs to, and the id of its part here. */
  readonly traceparent?: string | undefined
  /** The one that came with the request, valid or not. */
  readonly parent?: string | undefined
  /** What went wrong, for the log alone. */
  readonly err?: unknown
}

/** Told of every answer. */
export type Observe = (answered: Answered) => void
