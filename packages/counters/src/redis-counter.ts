import { Redis, ReplyError } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { Log } from '@gatehouse/observe/log.ts'
import type { Counter, Quota } from './counter.ts'
import { localCounter, waitOf } from './local-counter.ts'

type Parts = Quota & {
  readonly url: string
  readonly log: Log
  /** How long a caller waits for Redis before it is counted here. */
  readonly timeoutMs?: number
}

const reconnectMsMax = 1_000

/**
 * A counter that all replicas share. While Redis is away each counts for itself, from the beginning and with half of
 * what is allowed: nobody is let in unbounded, and nobody waits. Redis may be flushed: then the count begins again.
 */
export const redisCounter = ({ url, log, name, points, windowSeconds, timeoutMs = 100 }: Parts): Counter => {
  const redis = new Redis(url, {
    commandTimeout: timeoutMs,
    connectTimeout: 1_000,
    // What was under way when the connection was lost fails at once, and is not sent again: it may have counted.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    retryStrategy: (times) => Math.min(times * 50, reconnectMsMax),
  })
  const tellOnce = outageLog(log, name)
  const together = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: `gatehouse:${name}`,
    points,
    duration: windowSeconds,
    rejectIfRedisNotReady: true,
    customIncrTtlLuaScript: changeWithinBounds,
  })
  const alone = localCounter({ name, points: Math.ceil(points / 2), windowSeconds })

  let isLeaving = false
  /** A Redis that hangs keeps its connection: it is left, so that only the first callers wait for an answer. */
  const leave = (): void => {
    if (isLeaving || redis.status !== 'ready') return
    isLeaving = true
    redis.disconnect(true)
  }
  const unlessAway = async <T>(there: () => Promise<T>, here: () => Promise<T>): Promise<T> => {
    try {
      return await there()
    } catch (err) {
      tellOnce.away(err)
      // An answer, even if it says no, comes from a Redis that does not hang.
      if (!(err instanceof ReplyError)) leave()
      return here()
    }
  }

  redis.on('error', tellOnce.away)
  redis.on('close', () => {
    isLeaving = false
  })
  redis.on('ready', tellOnce.back)
  return {
    take: (key) =>
      unlessAway(
        () => waitOf(together, key),
        () => alone.take(key),
      ),
    giveBack: (key) =>
      unlessAway(
        async () => void (await together.reward(key)),
        () => alone.giveBack(key),
      ),
    close: async () => redis.disconnect(),
  }
}

/**
 * Changes a count by ARGV[1] in a window of ARGV[2] seconds, but neither above ARGV[3] nor below zero. The library's
 * own script also counts what it refuses, and gives back to the next window what was taken in the last.
 */
const changeWithinBounds = `
  local used = tonumber(redis.call('get', KEYS[1]) or 0)
  local ttlMs = redis.call('pttl', KEYS[1])
  local changed = used + tonumber(ARGV[1])
  if changed > tonumber(ARGV[3]) then return { changed, ttlMs } end
  if changed < 0 then return { 0, ttlMs } end
  if ttlMs >= 0 then
    redis.call('incrby', KEYS[1], ARGV[1])
    return { changed, ttlMs }
  end
  redis.call('set', KEYS[1], changed, 'EX', ARGV[2])
  return { changed, ARGV[2] * 1000 }`

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
