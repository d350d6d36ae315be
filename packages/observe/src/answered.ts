/** One answered request: becomes one log line and one observation in the metrics. */
export type Answered = {
  readonly requestId: string
  readonly method: string
  /** The operation's or route's name: a bounded set, so that it can be a label. */
  readonly route: string
  /** What the service called it, where the gateway knows that. */
  readonly operation?: string
  /** The path without its query: queries carry secrets. */
  readonly path: string
  readonly status: number
  /** The code of the refusal, or why the answer broke off. */
  readonly code?: string
  readonly durationMs: number
  readonly address: string
  readonly userId?: string
  /** What went wrong, for the log alone. */
  readonly err?: unknown
}

/** Told of every answer. */
export type Observe = (answered: Answered) => void
