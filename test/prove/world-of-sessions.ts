import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { refreshTokens } from '@gatehouse/auth-service/refresh-tokens.ts'
import { accounts } from '@gatehouse/auth-service/stores/accounts.ts'
import { eventLog } from '@gatehouse/auth-service/stores/event-log.ts'
import { sessions } from '@gatehouse/auth-service/stores/sessions.ts'
import type { Tables } from '@gatehouse/auth-service/stores/tables.ts'
import { systemClock, systemIds } from '@gatehouse/platform/clock.ts'
import { openDatabase } from '@gatehouse/sql/database.ts'
import { startManyProcesses, type ManyProcesses } from '../system/many-processes.ts'
import { newMember } from '../system/people.ts'
import { eachAtOnce } from './each-at-once.ts'

/** A world with two replicas of auth-service, where sessions can be opened by the thousand. */
type WorldOfSessions = ManyProcesses & {
  /** The refresh tokens of so many new sessions, of a few accounts. */
  readonly newSessions: (count: number) => Promise<readonly string[]>
}

/** Starts it. */
export const startWorldOfSessions = async (): Promise<WorldOfSessions> => {
  const secret = randomBytes(32).toString('hex')
  const replicas = { auth: 2, users: 1, gateways: 1 }
  const world = await startManyProcesses({ replicas, settings: { JWT_SECRET_KEY: secret } })
  return { ...world, newSessions: (count) => newSessions(world, secret, count) }
}

/** `secret` is the world's `JWT_SECRET_KEY`. */
const newSessions = async (
  { gateway, authDatabaseUrl }: ManyProcesses,
  secret: string,
  count: number,
): Promise<readonly string[]> => {
  const members = await Promise.all(Array.from({ length: accountsMax }, () => newMember(gateway)))
  const database = await openDatabase<Tables>(authDatabaseUrl)
  try {
    // Written as a login writes them: ten thousand passwords would be hashed for most of an hour.
    const clock = systemClock
    const log = eventLog({ database, clock, committed: () => {} })
    const store = sessions({ database, log, clock, accessTokenTtlMs })
    const { findByPublicId } = accounts({ database, log, clock, accessTokenTtlMs })
    const owners = await Promise.all(members.map(({ userId }) => findByPublicId(userId)))
    const { make } = refreshTokens(secret, systemIds.bytes)
    const texts: string[] = []
    await eachAtOnce(count, writersAtOnce, async (index) => {
      const owner = owners[index % owners.length]
      assert.ok(owner !== undefined)
      const id = systemIds.uuidv7()
      const token = make(id)
      const isStarted = await store.start({
        id,
        accountId: owner.id,
        epoch: owner.epoch,
        address: '127.0.0.1',
        userAgent: undefined,
        expiresAt: clock.now() + sessionTtlMs,
        tokenExpiresAt: clock.now() + accessTokenTtlMs,
        refreshHash: token.hash,
      })
      assert.ok(isStarted)
      texts.push(token.text)
    })
    return texts
  } finally {
    await database.close()
  }
}

const accountsMax = 5
const writersAtOnce = 8
const accessTokenTtlMs = 86_400_000
const sessionTtlMs = 30 * 86_400_000
