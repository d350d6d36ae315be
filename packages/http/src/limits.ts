import type { BodyLimits } from './slow-bodies.ts'

/** What a server can be made to hold or wait for before a request is whole. */
export type ServerLimits = BodyLimits & {
  readonly headerBytesMax: number
  /** From the first byte of a request to the last of its headers. */
  readonly headersTimeoutMs: number
  /** From the first byte of a request to the last of its body. */
  readonly requestTimeoutMs: number
  /** How long a connection may idle between two requests. */
  readonly keepAliveTimeoutMs: number
  /** How long requests that are under way may take to finish once the process was told to stop. */
  readonly drainMs: number
  /** How long a connection that was opened just before the end may take to its first byte. */
  readonly firstWordMs: number
  /** How much a connection that is being closed still reads so that the answer arrives, and for how long. */
  readonly lingerBytesMax: number
  readonly lingerMs: number
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
  /** Longer than any client of ours keeps an idle connection, so that it is the client who closes first. */
  keepAliveTimeoutMs: 75_000,
  drainMs: 25_000,
  firstWordMs: 500,
} as const satisfies ServerLimits & Readonly<Record<string, number>>
