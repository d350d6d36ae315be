import { tokenReader } from '@gatehouse/access-tokens/token-reader.ts'
import type { AccountEvent } from '@gatehouse/contract/events.ts'
import type { Client } from '@gatehouse/contract/operation.ts'
import { passwordHasher } from '@gatehouse/passwords/password-hasher.ts'
import { passwordPolicy } from '@gatehouse/passwords/password-policy.ts'
import { openDatabase, type Database } from '@gatehouse/sql/database.ts'
import { migrate } from '@gatehouse/sql/migrate.ts'
import { foreseeableIds } from '@gatehouse/testing/foreseeable-ids.ts'
import { movableClock, type MovableClock } from '@gatehouse/testing/movable-clock.ts'
import { accessTokens } from '../access-tokens.ts'
import { keySeal } from '../key-seal.ts'
import { openKeyring, type LivingKeyring } from '../keyring.ts'
import { authMigrations } from '../migrations/migrations.ts'
import type { Ports } from '../ports.ts'
import { accounts } from '../stores/accounts.ts'
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

export const accessTokenTtlMs = 86_400_000
export const sessionTtlMs = 30 * 86_400_000

/** Opens a world, in memory unless a database is named. */
export const authWorld = async (url = 'sqlite://:memory:'): Promise<AuthWorld> => {
  const clock = movableClock()
  const ids = foreseeableIds()
  const database = await openDatabase<Tables>(url)
  await migrate(database, authMigrations)
  const committed: AccountEvent[] = []
  const log = eventLog({ database, clock, committed: (events) => committed.push(...events) })
  const keyring = await openKeyring({
    store: signingKeys(database, clock),
    seal: keySeal('0123456789abcdef0123456789abcdef', ids.bytes),
    log: silent,
  })
  const sessionStore = sessions({ database, log, clock })
  const names = { issuer: 'gatehouse', audience: 'gatehouse' } as const
  return {
    accounts: accounts({ database, log, clock, accessTokenTtlMs }),
    sessions: sessionStore,
    keyring,
    accessTokens: accessTokens({
      ...names,
      keyring,
      reader: tokenReader({ ...names, keys: keyring, clock, cacheMax: 10 }),
      sessions: sessionStore,
      clock,
      ids,
      ttlSeconds: accessTokenTtlMs / 1000,
    }),
    feed: { follow: () => () => {} },
    passwords: passwordHasher({ permits: 2, queueMax: 100, bytes: ids.bytes }),
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

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
