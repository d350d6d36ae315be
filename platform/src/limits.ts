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
  /** How long a start waits for a database that is not there yet. */
  databaseWaitMs: 60_000,
  /** How often a file that may change is looked at, and how long it must have been left alone before it is read. */
  fileLookMs: 500,
  fileSettleMs: 100,
} as const
