import { availableParallelism } from 'node:os'

/** Bounds that belong to the process as a whole. */
export const limits = {
  /** One a core: more only wait for each other. Libuv has four threads, and files and DNS need one of them. */
  hashesAtOnce: Math.min(availableParallelism(), 3),
  /** What reads leave of the cores is enough to log in by, and a tenth of a core is left when they leave nothing. */
  hashingNiceness: 10,
  /** Logins that wait for a place: about two seconds' worth, then 503 with Retry-After. */
  hashesWaiting: 64,
  /**
   * Wrong passwords from one address, over all accounts and replicas; half of it in each process while Redis is away.
   */
  failuresByAddress: { name: 'failed-logins', points: 100, windowSeconds: 600 },
  /** How often what is over is looked for, and how long the sweeper rests between two steps. */
  sweepEveryMs: 60_000,
  sweepRestMs: 100,
  /** Verified access tokens kept, about 2 KB each. */
  tokensRemembered: 10_000,
  /** Past this an auth-service that cannot read its log calls itself not ready. */
  logStalenessMsMax: 5_000,
  /** How long a check of `/readyz` may take. */
  readyCheckMs: 1_500,
  /** How long a start waits for a database that is not there yet. */
  databaseWaitMs: 60_000,
  /** How often a file that may change is looked at, and how long it must have been left alone before it is read. */
  fileLookMs: 500,
  fileSettleMs: 100,
  /** Of such a file: the longest route file there can be has some hundred kilobytes. */
  fileBytesMax: 4_194_304,
  /** After which a certificate that could not be used is tried again: it may not have been good yet. */
  certificateRetryMs: 60_000,
  /** Between the end of a gateway worker and its next start; short again once one has lived for `workerSteadyMs`. */
  workerRestart: { firstMs: 100, mostMs: 10_000 },
  workerSteadyMs: 30_000,
  /** How long a worker may take to say whether it is ready, and its metrics. */
  workerAskMs: 2_000,
  /** Longer than the gateway drains: past this a worker that was told to stop is killed. */
  workerStopMs: 30_000,
} as const
