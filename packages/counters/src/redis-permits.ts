import type { Redis } from 'ioredis'
import type { Log } from '@gatehouse/observe/log.ts'
import { limits } from './limits.ts'
import { openRedis } from './open-redis.ts'
import type { Grant, Permits } from './permits.ts'

type Parts = { readonly url: string; readonly log: Log; readonly timeoutMs?: number }

/** Permits that are counted in Redis, by its clock: those of the gateways need not agree. */
export const redisPermits = ({ url, log, timeoutMs = limits.redisPatienceMs }: Parts): Permits => {
  const { redis, isUp, isWell, orFail, close } = openRedis({ url, log, timeoutMs, counter: 'rate limits' })
  redis.defineCommand('takePermits', { numberOfKeys: 1, lua: takePermits })
  // What `defineCommand` adds is not in the types.
  const scripted = redis as Redis & { readonly takePermits: (...args: readonly (string | number)[]) => Promise<Answer> }
  return {
    isUp,
    isWell,
    take: (key, { points, windowSeconds }, { sure, more, unused, unusedPart }) =>
      orFail(async () => {
        const partMs = (windowSeconds * 1000) / limits.windowParts
        const asked = [points, partMs, limits.windowParts, sure, more, limits.leaseDivisor, unused, unusedPart]
        return grantOf(await scripted.takePermits(`gatehouse:rate:${key}`, ...asked))
      }),
    close,
  }
}

type Answer = readonly [number, number, number, number, number]

const grantOf = ([granted, left, part, partLeftMs, resetMs]: Answer): Grant => ({
  granted,
  left,
  part,
  partLeftMs,
  resetMs,
})

/** A sliding window as a hash, part by part: the same rule as `SlidingWindow`, in one step for all gateways. */
const takePermits = `
  local points, partMs, parts = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
  local sure, more, divisor = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
  local unused, unusedPart = tonumber(ARGV[7]), tonumber(ARGV[8])
  local time = redis.call('time')
  local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
  local part = math.floor(nowMs / partMs)
  local counts = redis.call('hgetall', KEYS[1])
  local used, oldest = 0, nil
  for at = 1, #counts, 2 do
    local of, count = tonumber(counts[at]), tonumber(counts[at + 1])
    if of == unusedPart and unused > 0 then
      count = math.max(0, count - unused)
      redis.call('hset', KEYS[1], counts[at], count)
    end
    if of < part - parts or count == 0 then
      redis.call('hdel', KEYS[1], counts[at])
    else
      used = used + count
      if oldest == nil or of < oldest then oldest = of end
    end
  end
  local free = math.max(0, points - used)
  local granted = math.min(free, sure + math.min(more, math.floor(math.max(0, free - sure) / divisor)))
  if granted > 0 then
    redis.call('hincrby', KEYS[1], string.format('%.0f', part), granted)
    redis.call('pexpire', KEYS[1], (parts + 1) * partMs)
  end
  local forgottenMs = ((oldest or part) + parts + 1) * partMs
  return { granted, free - granted, part, (part + 1) * partMs - nowMs, forgottenMs - nowMs }`
