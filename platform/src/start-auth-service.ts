import { tokenReader, type TokenReader } from '@gatehouse/access-tokens/token-reader.ts'
import { accessTokens, type AccessTokens } from '@gatehouse/auth-service/access-tokens.ts'
import { attempts } from '@gatehouse/auth-service/attempts.ts'
import { authService } from '@gatehouse/auth-service/auth-service.ts'
import { keySeal } from '@gatehouse/auth-service/key-seal.ts'
import { openKeyring } from '@gatehouse/auth-service/keyring.ts'
import { knownDevices } from '@gatehouse/auth-service/known-devices.ts'
import { refreshTokens } from '@gatehouse/auth-service/refresh-tokens.ts'
import { accounts } from '@gatehouse/auth-service/stores/accounts.ts'
import { attemptLog } from '@gatehouse/auth-service/stores/attempt-log.ts'
import { eventLog } from '@gatehouse/auth-service/stores/event-log.ts'
import { sessions } from '@gatehouse/auth-service/stores/sessions.ts'
import { signingKeys } from '@gatehouse/auth-service/stores/signing-keys.ts'
import type { Tables } from '@gatehouse/auth-service/stores/tables.ts'
import { feedHub, type FeedHub } from '@gatehouse/event-feed/feed-hub.ts'
import type { Application } from '@gatehouse/http/application.ts'
import { passwordHasher } from '@gatehouse/passwords/password-hasher.ts'
import { passwordPolicy } from '@gatehouse/passwords/password-policy.ts'
import { limits } from './limits.ts'
import { readyDatabase } from './ready-database.ts'
import { startSweeper } from './start-sweeper.ts'
import type { Surroundings } from './surroundings.ts'
import { yieldHashing } from './yield-hashing.ts'

/** Auth-service as it runs in this process, with what others here may call without a network. */
export type RunningAuth = {
  readonly application: Application
  readonly feed: FeedHub
  /** Its memory of verified tokens, which a verifier here shares: one copy of each token, not two. */
  readonly reader: TokenReader
  readonly accessTokens: AccessTokens
}

/** Builds auth-service from the database up. */
export const startAuthService = async (around: Surroundings): Promise<RunningAuth> => {
  const { settings, adapters, life, readiness, log, clock, ids, random, serving } = around
  const database = await readyDatabase<Tables>(around, 'auth-service')
  const keyring = await openKeyring({
    store: signingKeys(database, clock),
    seal: keySeal(adapters.jwtSecret(), ids.bytes),
    log,
    clock,
  })
  life.started('keyring', keyring.stop)

  const events = eventLog({ database, clock, committed: (rows) => feed.committed(rows) })
  const feed = feedHub({ events, signal: await adapters.signal(), clock, log, random })
  life.started('event feed', feed.stop)
  await feed.start()
  readiness.check('event log', () =>
    feed.stalenessMs() < limits.logStalenessMsMax ? undefined : 'the event log cannot be read',
  )

  const { TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: audience, ACCESS_TOKEN_TTL_SECONDS: ttlSeconds } = settings
  const accessTokenTtlMs = ttlSeconds * 1000
  const sessionStore = sessions({ database, log: events, clock, accessTokenTtlMs })
  const secret = adapters.jwtSecret()
  const reader = tokenReader({ keys: keyring, issuer, audience, clock, cacheMax: limits.tokensRemembered })
  const tokens = accessTokens({
    keyring,
    reader,
    sessions: sessionStore,
    clock,
    ids,
    issuer,
    audience,
    ttlSeconds,
  })
  const application = await authService(
    {
      accounts: accounts({ database, log: events, clock, accessTokenTtlMs }),
      sessions: sessionStore,
      keyring,
      accessTokens: tokens,
      refreshTokens: refreshTokens(secret, ids.bytes),
      knownDevices: knownDevices({ secret, randomBytes: ids.bytes, now: clock.now }),
      attempts: attempts({
        log: attemptLog(database, clock),
        failuresByAddress: await adapters.counter(limits.failuresByAddress),
      }),
      feed,
      passwords: passwordHasher({ permits: limits.hashesAtOnce, queueMax: limits.hashesWaiting, bytes: ids.bytes }),
      passwordPolicy: passwordPolicy(adapters.passwordPolicy),
      clock,
      ids,
      pingDatabase: database.ping,
      internalSecret: settings.INTERNAL_SECRET,
      sessionTtlMs: settings.REFRESH_TOKEN_TTL_SECONDS * 1000,
    },
    serving,
  )
  life.started('auth-service', application.close)
  startSweeper({ database, clock, accessTokenTtlMs }, around)
  await yieldHashing(limits.hashingNiceness)
  return { application, feed, reader, accessTokens: tokens }
}
