import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Log } from '@gatehouse/observe/log.ts'
import type { Counter, Quota } from './counter.ts'
import { limits } from './limits.ts'
import { localCounter, type LocalParts } from './local-counter.ts'
import { openRedis } from './open-redis.ts'

type Parts = Quota &
  LocalParts & {
    readonly url: string
    readonly log: Log
    /** How long a caller waits for Redis before it is counted here. */
    readonly timeoutMs?: number
  }

/**
 * A counter that all replicas share. While Redis is away each counts for itself, from the beginning and with half of
 * what is allowed: nobody is let in unbounded, and nobody waits. Redis may be flushed: then the count begins again.
 */
export const redisCounter = (parts: Parts): Counter => {
  const { url, log, name, points, windowSeconds, timeoutMs = limits.redisPatienceMs } = parts
  const { redis, orFail, close } = openRedis({ url, log, timeoutMs, counter: name })
  const together = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: `gatehouse:${name}`,
    points,
    duration: windowSeconds,
    rejectIfRedisNotReady: true,
    customIncrTtlLuaScript: changeWithinBounds,
  })
  const alone = localCounter({ ...parts, points: Math.ceil(points * limits.aloneShare) })

  return {
    take: (key) => orFail(() => waitOf(together, key)).catch(() => alone.take(key)),
    giveBack: (key) => orFail(async () => void (await together.reward(key))).catch(() => alone.giveBack(key)),
    close,
  }
}

/** Takes one; 0, or the milliseconds until there is one. */
const waitOf = async (limiter: RateLimiterRedis, key: string): Promise<number> => {
  try {
    await limiter.consume(key)
    return 0
  } catch (answer) {
    // Nothing left is thrown, and is no error.
    if (answer instanceof RateLimiterRes) return Math.max(answer.msBeforeNext, 1)
    throw answer
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
