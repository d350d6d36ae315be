/** Every bound on what a client or an upstream can make the gateway hold or wait for. */
export const limits = {
  /** Of a client's request: request line and headers. */
  headerBytesMax: 16_384,
  /** Fields of a request: what we or a service do for each of them is bounded by their number, not by their bytes. */
  headersMax: 256,
  /** Of a request's target alone. */
  targetBytesMax: 8_192,
  /** From the first byte of a request to the last of its headers. */
  headersTimeoutMs: 10_000,
  /** From the first byte of a request to the last of its body: uploads larger than memory take their time. */
  requestTimeoutMs: 300_000,
  /** Of a body, on average: a telephone at the edge of its network sends more. Behind by ten seconds' worth: 408. */
  bodyBytesPerSecondMin: 240,
  bodyGraceMs: 10_000,
  /**
   * Requests whose body is not here yet; beyond that the slowest are cut. Half of what one upstream takes: however many
   * clients hold back their bodies, there are places for the others.
   */
  uploadsMax: 512,
  /** Requests on one connection that wait for the answer to the one before them. Beyond that it is cut. */
  requestsWaitingMax: 128,
  /** Slow clients that are dealt with in one turn of the event loop: meanwhile nobody else is served. */
  cutsPerTurnMax: 1,
  /** How long a client may take nothing of its answer. */
  answerStallMs: 60_000,
  /**
   * Of the answers of which a client has taken nothing for `answerHaltMs`, so many may wait; beyond that the longest
   * are cut. A quarter of what one upstream takes: however many clients do not read, there are places for the others.
   */
  answersHaltedMax: 256,
  answerHaltMs: 5_000,
  /** How long a client's connection may idle between two requests. */
  keepAliveTimeoutMs: 75_000,
  /** How long requests that are under way may take to finish once the process was told to stop. */
  drainMs: 25_000,
  /** How long a connection that was opened just before the end may take to its first byte. */
  firstWordMs: 500,
  /** Browsers keep theirs for minutes: nobody waits for that. */
  idleEndMs: 0,
  /** How much a connection that is being closed still reads so that the answer arrives, and for how long. */
  lingerBytesMax: 16_777_216,
  lingerMs: 2_000,

  /** From the first byte of a TLS connection to the end of its handshake. */
  tlsHandshakeTimeoutMs: 10_000,
  /** Requests under way on one HTTP/2 connection: what browsers expect to have. */
  http2StreamsMax: 100,
  /** Fields of one HTTP/2 request before its stream is reset: over `headersMax`, which is answered. */
  http2FieldsMax: 512,
  /** Bytes of a body that a client may send ahead: what a fast line holds at 20 ms, where the default stops uploads. */
  http2StreamWindowBytes: 262_144,
  http2SessionWindowBytes: 1_048_576,
  /** How long a client of HTTP/2 may leave an answer unread. */
  http2UnreadMs: 60_000,
  http2InvalidFramesMax: 100,
  http2RejectedStreamsMax: 100,
  /** Requests that a client may break off beyond those it lets us answer: a page that is left breaks off a few. */
  http2ResetsMax: 100,
  http2SettingsMax: 32,
  http2SessionMemoryMb: 10,

  /** Characters of `Authorization` that are remembered with each connection, so that it need not be read again. */
  authorizationKeptMax: 2_048,

  /** Proxies between a client and us, as far as their addresses are believed. */
  forwardedHopsMax: 32,

  /** Of an upstream's answer: status line and headers. */
  answerHeadBytesMax: 65_536,
  connectTimeoutMs: 2_000,
  /** From the end of the request to the last header of the answer. */
  answerHeadTimeoutMs: 60_000,
  /**
   * Of a body that is sent on when all of it is here, in one piece with its head; longer ones go on as they come. What
   * the kernel takes at once.
   */
  wholeBodyBytesMax: 16_384,
  /** Between two pieces of an answer's body. A silent event stream must send a heartbeat more often than this. */
  answerPauseMs: 300_000,
  /**
   * How long an idle connection to an upstream is kept. Shorter than the upstreams keep theirs, so that we close first.
   */
  upstreamKeepAliveMs: 2_500,
  /**
   * How long a connection may have been idle that POST, PUT and PATCH are sent on. They may not be sent twice, and a
   * service may close an idle connection just as we use it: none does within a second.
   */
  idleBeforeWriteMs: 1_000,
  /** Requests under way to one upstream, each on a connection of its own; the next one is refused at once. */
  upstreamRequestsMax: 1_024,
  /** How long a replica that closes its connections is passed over: longer than ours take on their way out. */
  leavingMs: 2_000,
  /** Of an upstream's idempotent requests that may be sent once more. */
  retryBudget: {
    /** Of the requests that are answered, so many may be repeats. */
    retriesShare: 0.2,
    /** As many at once: that share of `upstreamRequestsMax`. */
    retriesSavedMax: 200,
  },
  /** A replica is left out of the choice when this much goes wrong with it. */
  ejection: { failures: 5, lastingMs: 0, openMs: 1_000, openMsMax: 30_000, forgetMs: 60_000 },
  /** A service is left alone when this much goes wrong with all its replicas. Not for long: clients are refused. */
  circuit: { failures: 10, lastingMs: 200, openMs: 500, openMsMax: 2_000, forgetMs: 10_000 },
  /** Active checks that fail in a row before a replica is out of the choice; one that succeeds brings it back. */
  checkFailures: 2,
  /** How long a service that has reset an upload may take to let us read the answer it gave before. */
  answerAfterResetMs: 1_000,
  /** How long a probe of an upstream may take before it counts as a no. */
  probeTimeoutMs: 2_000,
  /** How old the answer of `GET /health` may be. */
  probeAgeMs: 1_000,

  /** WebSockets open at once, or about to be; each holds two connections and less than 20 KB of the heap. */
  webSocketsMax: 10_000,
  /** Of one caller, or of one address where nobody is known. */
  webSocketsPerCallerMax: 256,
  /** How long a WebSocket may be silent in both directions. Pings are not silence. */
  webSocketIdleMs: 300_000,
  /** How long a side may take to close after the other has, or after it was told to. */
  webSocketCloseMs: 5_000,
  /** How often it is looked whether the token of a WebSocket has expired, or cannot be trusted any more. */
  webSocketSweepMs: 1_000,
  /**
   * How long a token is believed while nothing is heard of revocations, before it is asked about once more; the lease,
   * where that is set otherwise.
   */
  webSocketConfirmMs: 5_000,
  /** Tokens asked about at once: auth-service may just have come back. */
  webSocketAsksAtOnce: 16,

  /** Of the route file. */
  routesMax: 1_000,
  routeUpstreamsMax: 64,
  prefixCharactersMax: 256,
  /** How often an idempotent request is sent once more, and the most that a route may ask for. */
  retries: 1,
  retriesMax: 5,
  /** The longest that a route may wait for anything. */
  routeTimeoutMsMax: 86_400_000,
  /** The longest window that requests are counted in. */
  rateWindowSecondsMax: 86_400,
  rateRequestsMax: 1_000_000_000,
  /** Origins, methods or header names in one list. */
  corsNamesMax: 256,
  /** How long a browser may remember what it was allowed; the most is what any of them keeps to. */
  corsAgeSeconds: 600,
  corsAgeSecondsMax: 86_400,
  /** How often an upstream that has a check is asked. */
  checkEveryMs: 5_000,
} as const

/** The limits on the way to an upstream. */
export type UpstreamLimits = {
  readonly [
    Name in
      | 'answerHeadBytesMax'
      | 'answerAfterResetMs'
      | 'upstreamKeepAliveMs'
      | 'idleBeforeWriteMs'
      | 'upstreamRequestsMax'
      | 'probeTimeoutMs'
  ]: number
}

/** The limits on WebSockets. */
export type WebSocketLimits = {
  readonly [
    Name in
      | 'webSocketsMax'
      | 'webSocketsPerCallerMax'
      | 'webSocketIdleMs'
      | 'webSocketCloseMs'
      | 'webSocketSweepMs'
      | 'webSocketConfirmMs'
      | 'webSocketAsksAtOnce'
  ]: number
}
