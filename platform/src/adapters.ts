import { join } from 'node:path'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Counter, Quota } from '@gatehouse/counters/counter.ts'
import { limits as counterLimits } from '@gatehouse/counters/limits.ts'
import { localCounter, type LocalParts } from '@gatehouse/counters/local-counter.ts'
import { localRateLimits } from '@gatehouse/counters/local-rate-limits.ts'
import type { RateLimits } from '@gatehouse/counters/rate-limits.ts'
import { localSignal } from '@gatehouse/event-feed/local-signal.ts'
import type { LogSignal } from '@gatehouse/event-feed/log-signal.ts'
import type { Log } from '@gatehouse/observe/log.ts'
import { openDatabase, type Database } from '@gatehouse/sql/database.ts'
import { systemIds } from './clock.ts'
import { generatedSecret } from './generated-secret.ts'
import type { Lifecycle } from './lifecycle.ts'
import { passwordPolicyOf, type Settings } from './settings.ts'
import type { Target } from './targets.ts'

/** What the services are given to stand on. Behind each stands SQLite or MySQL, memory or Redis: they cannot tell. */
export type Adapters = {
  readonly database: <Tables>(service: 'auth-service' | 'user-service') => Promise<Database<Tables>>
  readonly signal: () => Promise<LogSignal>
  readonly counter: (quota: Quota) => Promise<Counter>
  readonly rateLimits: () => Promise<RateLimits>
  readonly jwtSecret: () => string
  readonly passwordPolicy: 'strict' | 'relaxed'
}

type Parts = {
  readonly settings: Settings
  readonly target: Target
  readonly life: Lifecycle
  readonly log: Log
  readonly clock: Clock
  readonly random: () => number
}

/**
 * Picks the adapters that the settings ask for. Each is opened when it is first asked for, and closed with the process.
 */
export const adaptersFor = ({ settings, target, life, log, clock, random }: Parts): Adapters => {
  const local: LocalParts = { clock, random }
  // A gateway by itself cannot know how many others there are that count as it does; its own workers it knows.
  const aloneShare = counterLimits.aloneShare / settings.GATEWAY_WORKERS
  const opened = new Map<string, Promise<Database<unknown>>>()
  return {
    database: async <Tables>(service: 'auth-service' | 'user-service') => {
      const url = databaseUrl(settings, service)
      // One file, one connection: two on the same SQLite file in one process would wait for each other for ever.
      let opening = opened.get(url)
      if (opening === undefined) {
        opening = openDatabase<unknown>(url)
        opened.set(url, opening)
        const { close } = await opening
        life.started(`database of ${service}`, close)
      }
      // Which tables are in it is what the service's migrations say; the type cannot know.
      return (await opening) as Database<Tables>
    },
    signal: async () => {
      const signal =
        settings.REDIS_URL === undefined ? localSignal() : await redis(settings.REDIS_URL, systemIds.uuidv4(), log)
      life.started('log signal', signal.close)
      return signal
    },
    counter: async (quota) => {
      const counter =
        settings.REDIS_URL === undefined
          ? localCounter({ ...quota, ...local })
          : await countInRedis(settings.REDIS_URL, { ...quota, ...local }, log)
      life.started(`counter ${quota.name}`, counter.close)
      return counter
    },
    rateLimits: async () => {
      const rateLimits =
        settings.REDIS_URL === undefined
          ? localRateLimits({ ...local, share: target === 'all' ? 1 : aloneShare })
          : await limitInRedis(settings.REDIS_URL, { ...local, share: aloneShare }, log)
      life.started('rate limits', rateLimits.close)
      return rateLimits
    },
    jwtSecret: () => settings.JWT_SECRET_KEY ?? generatedSecret(settings.DATA_DIR, systemIds.bytes),
    passwordPolicy: passwordPolicyOf(settings, target),
  }
}

/** Where a service's data is: its own URL, the one for both, or its own file. */
export const databaseUrl = (settings: Settings, service: 'auth-service' | 'user-service'): string =>
  service === 'auth-service'
    ? (settings.AUTH_DATABASE_URL ?? settings.DATABASE_URL ?? sqliteUrl(settings.DATA_DIR, 'auth.db'))
    : (settings.USER_DATABASE_URL ?? settings.DATABASE_URL ?? sqliteUrl(settings.DATA_DIR, 'users.db'))

const sqliteUrl = (folder: string, file: string): string =>
  `sqlite:///${join(folder, file).replaceAll(/[%?#]/g, encodeURIComponent)}`

const redis = async (url: string, origin: string, log: Log): Promise<LogSignal> => {
  // Loaded only where there is one: it costs a process without Redis memory and time to start.
  const { redisSignal } = await import('@gatehouse/event-feed/redis-signal.ts')
  return redisSignal({ url, origin, log })
}

const countInRedis = async (url: string, quota: Quota & LocalParts, log: Log): Promise<Counter> => {
  const { redisCounter } = await import('@gatehouse/counters/redis-counter.ts')
  return redisCounter({ ...quota, url, log })
}

const limitInRedis = async (
  url: string,
  local: LocalParts & { readonly share: number },
  log: Log,
): Promise<RateLimits> => {
  const [{ leasedRateLimits }, { redisPermits }] = await Promise.all([
    import('@gatehouse/counters/leased-rate-limits.ts'),
    import('@gatehouse/counters/redis-permits.ts'),
  ])
  const permits = redisPermits({ url, log })
  return leasedRateLimits({ permits, alone: localRateLimits(local), clock: local.clock })
}
