import { Redis, ReplyError } from 'ioredis'
import type { Log } from '@gatehouse/observe/log.ts'
import { limits } from './limits.ts'

type Parts = {
  readonly url: string
  readonly log: Log
  /** How long a command may take. */
  readonly timeoutMs: number
  /** What is counted there, for the log. */
  readonly counter: string
}

/** A connection to a Redis that may go away at any time, and that nobody is kept waiting for. */
export type CountingRedis = {
  readonly redis: Redis
  /** Whether it can be asked. */
  readonly isUp: () => boolean
  /** Whether it can be asked, and did what it was asked last: one that is full or read-only answers, and counts nothing. */
  readonly isWell: () => boolean
  /** Does what needs Redis. When that fails, it is told once, and a Redis that hangs is left until it is back. */
  readonly orFail: <T>(work: () => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

/** Opens such a connection. It keeps trying to come up until it is closed. */
export const openRedis = ({ url, log, timeoutMs, counter }: Parts): CountingRedis => {
  const redis = new Redis(url, {
    commandTimeout: timeoutMs,
    connectTimeout: 1_000,
    // What was under way when the connection was lost fails at once, and is not sent again: it may have counted.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    retryStrategy: (times) => Math.min(times * 50, limits.redisReconnectMsMax),
  })
  const tellOnce = outageLog(log, counter)

  let hasFailed = false
  let isLeaving = false
  /** A Redis that hangs keeps its connection: it is left, so that only the first callers wait for an answer. */
  const leave = (): void => {
    if (isLeaving || redis.status !== 'ready') return
    isLeaving = true
    redis.disconnect(true)
  }

  redis.on('error', tellOnce.away)
  redis.on('close', () => {
    isLeaving = false
  })
  redis.on('ready', () => {
    hasFailed = false
    tellOnce.back()
  })
  return {
    redis,
    isUp: () => redis.status === 'ready' && !isLeaving,
    isWell: () => redis.status === 'ready' && !isLeaving && !hasFailed,
    orFail: async (work) => {
      try {
        const done = await work()
        hasFailed = false
        return done
      } catch (err) {
        hasFailed = true
        tellOnce.away(err)
        // An answer, even if it says no, comes from a Redis that does not hang.
        if (!(err instanceof ReplyError)) leave()
        throw err
      }
    },
    close: async () => redis.disconnect(),
  }
}

/** An outage is told once, at its begin and at its end: a Redis that is away for a night must not fill the log. */
const outageLog = (log: Log, counter: string) => {
  let isAway = false
  return {
    away: (err: unknown): void => {
      if (!isAway) log.warn({ err, counter }, 'Redis is away: this process counts for itself, more strictly')
      isAway = true
    },
    back: (): void => {
      if (isAway) log.info({ counter }, 'Redis is back: replicas count together again')
      isAway = false
    },
  }
}
