import { Redis, type RedisOptions } from 'ioredis'
import type { Log } from '@gatehouse/observe/log.ts'
import type { LogSignal } from './log-signal.ts'

type Parts = {
  readonly url: string
  readonly log: Log
  /** Who we are among the replicas: our own words come back to us too, and are passed over. */
  readonly origin: string
  /** Databases of their own need channels of their own. */
  readonly channel?: string
}

const reconnectMsMax = 1000
const commandTimeoutMs = 500
// A connection whose other end has vanished says nothing at all. Asking it is the only way to find out.
const pingMs = 2000

/**
 * The signal over Redis publish/subscribe, on two connections. Whatever Redis does, callers never notice: while it is
 * away nothing is sent and nothing queues, while it hangs at most one message is under way.
 */
export const redisSignal = ({ url, log, origin, channel = 'gatehouse:event-log' }: Parts): LogSignal => {
  const listeners = new Set<() => void>()
  const publisher = new Redis(url, options('publisher'))
  const subscriber = new Redis(url, options('subscriber'))
  const tellOnce = outageLog(log)
  let isSending = false
  let isOwed = false

  const announce = (): void => {
    for (const listener of listeners) listener()
  }
  const send = async (): Promise<void> => {
    isSending = true
    try {
      while (isOwed && publisher.status === 'ready') {
        isOwed = false
        await publisher.publish(channel, origin)
      }
    } catch (err) {
      tellOnce.away(err)
    }
    isSending = false
    isOwed = false
  }
  const subscribe = async (): Promise<void> => {
    try {
      await subscriber.subscribe(channel)
      tellOnce.back()
      // What was said while we were not listening.
      announce()
    } catch (err) {
      tellOnce.away(err)
      if (subscriber.status === 'ready') subscriber.disconnect(true)
    }
  }
  const ping = async (redis: Redis): Promise<void> => {
    if (redis.status !== 'ready') return
    try {
      await redis.ping()
    } catch (err) {
      tellOnce.away(err)
      if (redis.status === 'ready') redis.disconnect(true)
    }
  }

  publisher.on('error', tellOnce.away)
  subscriber.on('error', tellOnce.away)
  subscriber.on('ready', () => void subscribe())
  subscriber.on('message', (_channel: string, from: string) => {
    if (from !== origin) announce()
  })
  const pinging = setInterval(() => [publisher, subscriber].forEach((redis) => void ping(redis)), pingMs).unref()

  return {
    grew: () => {
      isOwed = true
      if (!isSending) void send()
    },
    onGrew: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: async () => {
      clearInterval(pinging)
      listeners.clear()
      publisher.disconnect()
      subscriber.disconnect()
    },
  }
}

const options = (role: string) =>
  ({
    connectionName: `gatehouse-${role}`,
    connectTimeout: 2000,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), reconnectMsMax),
  }) satisfies RedisOptions

/** An outage is told once, at its begin and at its end: a Redis that is away for a night must not fill the log. */
const outageLog = (log: Log) => {
  let isAway = false
  return {
    away: (err: unknown): void => {
      if (!isAway) log.warn({ err }, 'Redis is away; other replicas see what happens here at their next poll')
      isAway = true
    },
    back: (): void => {
      if (isAway) log.info({}, 'Redis is back')
      isAway = false
    },
  }
}
