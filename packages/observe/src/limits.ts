/** Every bound on what observing may hold or wait for. */
export const limits = {
  /** How old a line of the log may be before it is written. A process that is killed loses no more than this. */
  flushMs: 100,
  /** So much is written at once without waiting for that. Half of what a pipe holds. */
  flushCharacters: 32_768,
  /** How long after a write that failed the next is tried. */
  retryMs: 100,
  /** Lines that wait for a reader that stalls or a disk that is full. What comes over it is dropped and counted. */
  waitingCharactersMax: 4_194_304,
  /** How long the end of a process waits for a reader that stalls. */
  lastWordsMs: 500,
  /** Spans that wait for a collector, about half a kilobyte each; those after them are dropped and counted. */
  spansWaitingMax: 4_096,
  /** Spans in one message, and how old the first may be before it is sent. */
  spansAtOnce: 512,
  spansEveryMs: 1_000,
  /** How long a collector may take, how often a message is tried, and the first pause, which doubles. */
  spanTimeoutMs: 10_000,
  spanTriesMax: 5,
  spanRetryMs: 1_000,
  /** How long the end of a process waits for its last spans. */
  lastSpansMs: 1_000,
  /** Names of routes that are told apart in metrics; those after them share one. */
  routesMax: 1_024,
  /**
   * Answers of a service in the gateway's process that wait for the gateway's: some hundred at a time are usual, and of
   * six hundred none is lost; of a thousand one in five thousand. A power of two.
   */
  keptPlaces: 2_048,
  /** Where one of them may lie. */
  keptNeighbours: 16,
} as const
