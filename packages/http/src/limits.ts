import type { BodyLimits } from './slow-bodies.ts'
import type { AnswerLimits } from './stalled-answers.ts'

/** What a server can be made to hold or wait for before a request is whole. */
export type ServerLimits = BodyLimits &
  AnswerLimits & {
    readonly headerBytesMax: number
    /** From the first byte of a request to the last of its headers. */
    readonly headersTimeoutMs: number
    /** From the first byte of a request to the last of its body. */
    readonly requestTimeoutMs: number
    /** Requests on one connection that wait for the answer to the one before them. */
    readonly requestsWaitingMax: number
    /** How long a connection may idle between two requests. */
    readonly keepAliveTimeoutMs: number
    /** How long requests that are under way may take to finish once the process was told to stop. */
    readonly drainMs: number
    /** How long a connection that was opened just before the end may take to its first byte. */
    readonly firstWordMs: number
    /** How long connections that idle at the end are left for their other side to close. */
    readonly idleEndMs: number
    /** Slow clients that are dealt with in one turn of the event loop: meanwhile nobody else is served. */
    readonly cutsPerTurnMax: number
    /** How much a connection that is being closed still reads so that the answer arrives, and for how long. */
    readonly lingerBytesMax: number
    readonly lingerMs: number
  }

/** What a client can make a server hold or wait for over TLS, and over HTTP/2 in it. */
export type TlsLimits = ServerLimits & {
  /** From the first byte of a connection to the end of its handshake. */
  readonly tlsHandshakeTimeoutMs: number
  /** Requests under way on one connection. */
  readonly http2StreamsMax: number
  /** Fields of one request, those with a colon too. */
  readonly http2FieldsMax: number
  /** Bytes of a body that a client may send before we have read those before them. */
  readonly http2StreamWindowBytes: number
  /** As above, of all bodies of a connection together. */
  readonly http2SessionWindowBytes: number
  /** How long a client may leave an answer unread. */
  readonly http2UnreadMs: number
  /** Frames that may not be, before the connection is ended. */
  readonly http2InvalidFramesMax: number
  /** Streams over `http2StreamsMax`, before the connection is ended. */
  readonly http2RejectedStreamsMax: number
  /** Requests that a client may break off beyond those it lets us answer, before the connection is ended. */
  readonly http2ResetsMax: number
  /** Entries of one SETTINGS frame. */
  readonly http2SettingsMax: number
  /** All that nghttp2 holds for a connection. */
  readonly http2SessionMemoryMb: number
}

/** Every bound on what a caller of a service can make it hold or wait for. */
export const limits = {
  /** A profile's largest body: a bio of four-byte characters, escaped, and preferences. */
  bodyBytesMax: 262_144,
  pathParameterMax: 128,
  /** A few times the largest body that a service takes. */
  lingerBytesMax: 1_048_576,
  lingerMs: 1_000,
  /** More than the gateway lets through, which adds to it. */
  headerBytesMax: 32_768,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  /** A telephone at the edge of its network sends more. */
  bodyBytesPerSecondMin: 240,
  bodyGraceMs: 10_000,
  /** More than a gateway has under way to one service. */
  uploadsMax: 2_048,
  requestsWaitingMax: 128,
  cutsPerTurnMax: 1,
  /** The gateway keeps this from us; whoever comes past it is as patient. */
  answerStallMs: 60_000,
  answersHaltedMax: 1_024,
  answerHaltMs: 5_000,
  /** Longer than any client of ours keeps an idle connection, so that it is the client who closes first. */
  keepAliveTimeoutMs: 75_000,
  drainMs: 25_000,
  firstWordMs: 500,
  /**
   * Longer by two seconds than a gateway keeps an idle connection, whose timers are coarse: it never finds closed what
   * it was about to use.
   */
  idleEndMs: 4_500,
} as const satisfies ServerLimits & Readonly<Record<string, number>>
