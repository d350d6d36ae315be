import assert from 'node:assert/strict'
import { refreshTokens } from '@gatehouse/auth-service/refresh-tokens.ts'
import { accounts } from '@gatehouse/auth-service/stores/accounts.ts'
import { eventLog } from '@gatehouse/auth-service/stores/event-log.ts'
import { sessions } from '@gatehouse/auth-service/stores/sessions.ts'
import type { Tables } from '@gatehouse/auth-service/stores/tables.ts'
import { systemClock, systemIds } from '@gatehouse/platform/clock.ts'
import { openDatabase } from '@gatehouse/sql/database.ts'
import type { ManyProcesses } from '../system/many-processes.ts'
import { newMember } from '../system/people.ts'
import { eachAtOnce } from './each-at-once.ts'

/** The refresh tokens of so many new sessions, of a few accounts; `secret` is the world's `JWT_SECRET_KEY`. */
export const manySessions = async (
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
