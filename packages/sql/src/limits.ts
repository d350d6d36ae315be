/** Every bound on talking to a database, in one place. */
export type Limits = {
  /** Connections to MySQL. SQLite has one. */
  readonly connectionsMax: number
  /** Callers that may wait for a connection; the next one is refused at once. */
  readonly waitingMax: number
  /** How long one of them waits. */
  readonly acquireTimeoutMs: number
  readonly connectTimeoutMs: number
  /**
   * A statement that takes longer costs its connection. Longer than `lockWaitSeconds`, so that MySQL answers
   * first.
   */
  readonly queryTimeoutMs: number
  /** How long MySQL lets a statement wait for a row; each retry waits again. */
  readonly lockWaitSeconds: number
  /** How long SQLite is asked again while another process writes. */
  readonly busyTimeoutMs: number
  /** How often a transaction, or a statement outside one, is repeated after a deadlock or a lock wait. */
  readonly retries: number
  /** A retry waits up to this long, times the number of the attempt. */
  readonly retryPauseMsMax: number
  /** Compiled statements kept per SQLite file. */
  readonly statementsMax: number
  /** Rows that one statement reads for callers who ask at the same time. */
  readonly readsTogetherMax: number
  /** Writes that SQLite commits at once for callers who ask at the same time. */
  readonly writesTogetherMax: number
  /** How long `close` waits for what is under way. */
  readonly closeTimeoutMs: number
}

/** What a service that answers requests wants. */
export const defaultLimits: Limits = {
  connectionsMax: 10,
  waitingMax: 200,
  acquireTimeoutMs: 3_000,
  connectTimeoutMs: 3_000,
  queryTimeoutMs: 5_000,
  lockWaitSeconds: 2,
  busyTimeoutMs: 3_000,
  retries: 3,
  retryPauseMsMax: 20,
  statementsMax: 500,
  readsTogetherMax: 64,
  writesTogetherMax: 64,
  closeTimeoutMs: 2_000,
}

/**
 * What a migration wants: one connection, and an hour for a statement. Locks are as short: it must not stop a
 * service.
 */
export const maintenanceLimits = (limits: Limits): Limits => ({
  ...limits,
  connectionsMax: 1,
  queryTimeoutMs: 3_600_000,
})
