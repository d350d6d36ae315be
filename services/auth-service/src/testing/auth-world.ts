import { tokenReader } from '@gatehouse/access-tokens/token-reader.ts'
import type { AccountEvent } from '@gatehouse/contract/events.ts'
import type { Client } from '@gatehouse/contract/operation.ts'
import { localCounter } from '@gatehouse/counters/local-counter.ts'
import { passwordHasher, type PasswordHasher } from '@gatehouse/passwords/password-hasher.ts'
import { passwordPolicy } from '@gatehouse/passwords/password-policy.ts'
import { openDatabase, type Database } from '@gatehouse/sql/database.ts'
import { migrate } from '@gatehouse/sql/migrate.ts'
import { foreseeableIds } from '@gatehouse/testing/foreseeable-ids.ts'
import { movableClock, type MovableClock } from '@gatehouse/testing/movable-clock.ts'
import { accessTokens } from '../access-tokens.ts'
import { attempts } from '../attempts.ts'
import { keySeal } from '../key-seal.ts'
import { openKeyring, type LivingKeyring } from '../keyring.ts'
import { knownDevices } from '../known-devices.ts'
import { authMigrations } from '../migrations/migrations.ts'
import type { Ports } from '../ports.ts'
import { refreshTokens } from '../refresh-tokens.ts'
import { accounts } from '../stores/accounts.ts'
import { attemptLog } from '../stores/attempt-log.ts'
import { eventLog } from '../stores/event-log.ts'
import { sessions } from '../stores/sessions.ts'
import { signingKeys } from '../stores/signing-keys.ts'
import type { Tables } from '../stores/tables.ts'

/** Auth-service on a database of its own, with a clock that the test moves. */
export type AuthWorld = Ports & {
  readonly clock: MovableClock
  readonly keyring: LivingKeyring
  readonly database: Database<Tables>
  /** Events in the order in which their transactions were committed. */
  readonly committed: readonly AccountEvent[]
  readonly close: () => Promise<void>
}

/** A client like any other. */
export const client: Client = { requestId: 'r1', address: '203.0.113.7', userAgent: 'curl/8' }

/** Somebody else, from somewhere else. */
export const stranger: Client = { requestId: 'r2', address: '198.51.100.9', userAgent: undefined }

export const accessTokenTtlMs = 86_400_000
export const sessionTtlMs = 30 * 86_400_000

type Options = {
  /** The clock of another world, when this one is to be a replica of it. */
  readonly clock?: MovableClock
  /** Of the ids: two worlds on one database must not make the same ones. */
  readonly seed?: string
  /** argon2 unless told: a test that verifies thousands of passwords brings a cheaper one. */
  readonly passwords?: PasswordHasher
}

/** Opens a world, in memory unless a database is named. */
export const authWorld = async (
  url = 'sqlite://:memory:',
  { clock = movableClock(), seed, passwords }: Options = {},
): Promise<AuthWorld> => {
  const ids = foreseeableIds(seed)
  const database = await openDatabase<Tables>(url)
  await migrate(database, authMigrations)
  const committed: AccountEvent[] = []
  const log = eventLog({ database, clock, committed: (events) => committed.push(...events) })
  const keyring = await openKeyring({
    store: signingKeys(database, clock),
    seal: keySeal(secret, ids.bytes),
    log: silent,
    clock,
  })
  const sessionStore = sessions({ database, log, clock, accessTokenTtlMs })
  const names = { issuer: 'gatehouse', audience: 'gatehouse' } as const
  return {
    accounts: accounts({ database, log, clock, accessTokenTtlMs }),
    sessions: sessionStore,
    keyring,
    accessTokens: accessTokens({
      ...names,
      keyring,
      reader: tokenReader({ ...names, keys: keyring, clock, cacheMax: 1_000 }),
      sessions: sessionStore,
      clock,
      ids,
      ttlSeconds: accessTokenTtlMs / 1000,
    }),
    refreshTokens: refreshTokens(secret, ids.bytes),
    knownDevices: knownDevices({ secret, randomBytes: ids.bytes, now: clock.now }),
    attempts: attempts({
      log: attemptLog(database, clock),
      failuresByAddress: localCounter({ name: 'test', points: 1_000, windowSeconds: 600, clock, random: Math.random }),
    }),
    feed: { follow: () => () => {} },
    passwords: passwords ?? passwordHasher({ permits: 2, queueMax: 100, bytes: ids.bytes }),
    passwordPolicy: passwordPolicy('relaxed'),
    clock,
    ids,
    pingDatabase: database.ping,
    internalSecret: undefined,
    sessionTtlMs,
    database,
    committed,
    close: async () => {
      keyring.stop()
      await database.close()
    },
  }
}

const secret = '0123456789abcdef0123456789abcdef'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
