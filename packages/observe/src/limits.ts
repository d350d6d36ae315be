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
  /** Names of routes that are told apart in metrics; those after them share one. */
  routesMax: 1_024,
} as const
