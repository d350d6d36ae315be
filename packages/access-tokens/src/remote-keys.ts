import { importJWK } from 'jose'
import type { Clock } from '@gatehouse/clock/clock.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Log } from '@gatehouse/observe/log.ts'
import { authUrls } from './auth-urls.ts'
import type { KeySet, VerificationKey } from './key-set.ts'

/** The keys that an auth-service elsewhere publishes. */
export type RemoteKeys = KeySet & {
  /** Reads them for the first time, trying until it can, and from then on again and again. */
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

type Parts = {
  readonly urls: readonly string[]
  readonly clock: Clock
  readonly log: Log
  /** A removed key is dead here after this long at most. */
  readonly refreshMs?: number
  /** Unknown kids cause no more than one request in this time: their number is the attacker's choice. */
  readonly cooldownMs?: number
  readonly timeoutMs?: number
}

type Held = { readonly x: string; readonly y: string; readonly key: VerificationKey }

const path = '/auth/.well-known/jwks.json'
const retryMs = 250
// Current, next, and those that have only tokens left: more than this is not a key set of ours.
const keysMax = 64

/** Keeps what it has while auth-service is away: a known key does not become wrong because nobody can be asked. */
export const remoteKeys = (parts: Parts): RemoteKeys => {
  const { urls, clock, log, refreshMs = 30_000, cooldownMs = 2000, timeoutMs = 2000 } = parts
  const auth = authUrls({ urls, timeoutMs })
  let held: ReadonlyMap<string, Held> = new Map()
  let underWay: Promise<boolean> | undefined
  let askedAt = -Infinity
  let hasAnswered = false
  let isAway = false
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  const fetchKeys = async (): Promise<boolean> => {
    askedAt = clock.monotonic()
    try {
      const answer = await auth.ask('GET', path, { accept: 'application/json' })
      if (answer?.status !== 200) throw new Error(answer === undefined ? 'no answer' : `status ${answer.status}`)
      held = await keysOf(answer.text, held)
      if (isAway) log.info({}, 'the signing keys can be read again')
      isAway = false
      return (hasAnswered = true)
    } catch (err) {
      if (!isAway && !isStopped) log.warn({ err }, 'the signing keys cannot be read; going on with those at hand')
      isAway = true
      return (hasAnswered = false)
    }
  }
  const refresh = (): Promise<boolean> =>
    (underWay ??= fetchKeys().finally(() => {
      underWay = undefined
    }))

  const started = Promise.withResolvers<void>()
  const keepFresh = async (): Promise<void> => {
    if (await refresh()) started.resolve()
    if (isStopped) return started.resolve()
    timer = setTimeout(() => void keepFresh(), hasAnswered ? refreshMs : Math.min(retryMs, refreshMs))
  }

  return {
    find: async (kid) => {
      const before = held.get(kid)
      if (before !== undefined) return before.key
      if (underWay !== undefined || clock.monotonic() - askedAt >= cooldownMs) await refresh()
      const key = held.get(kid)?.key
      // Nobody answered: it may be a key that has just been made. To call the token invalid would be a guess.
      if (key === undefined && !hasAnswered) throw refuse('verification-unavailable')
      return key
    },
    has: (kid) => held.has(kid),
    start: () => {
      void keepFresh()
      return started.promise
    },
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await auth.close()
      await underWay
      started.resolve()
    },
  }
}

/**
 * Reads a JWK Set (RFC 7517). Keys of kinds we do not use are passed over; a set that cannot be read is an error, not
 * an empty set.
 */
const keysOf = async (text: string, before: ReadonlyMap<string, Held>): Promise<ReadonlyMap<string, Held>> => {
  const set: unknown = JSON.parse(text)
  const rows: unknown = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined
  if (!Array.isArray(rows) || rows.length > keysMax) throw new Error('not a JWK Set')
  const keys = new Map<string, Held>()
  // Any JSON may stand here: each row, and each member of it, is looked at before it is used.
  for (const row of rows as readonly unknown[]) {
    const { kid, kty, crv, alg, x, y } = membersOf(row)
    if (kty !== 'EC' || crv !== 'P-256' || alg !== 'ES256') continue
    if (typeof kid !== 'string' || typeof x !== 'string' || typeof y !== 'string') continue
    const same = before.get(kid)
    if (same?.x === x && same.y === y) keys.set(kid, same)
    else keys.set(kid, { x, y, key: await importKey(x, y) })
  }
  return keys
}

const importKey = async (x: string, y: string): Promise<VerificationKey> => {
  const key = await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256')
  if (key instanceof Uint8Array) throw new Error('an EC key was read as a secret')
  return key
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}
