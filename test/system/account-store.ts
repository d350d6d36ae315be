import assert from 'node:assert/strict'
import { accounts } from '@gatehouse/auth-service/stores/accounts.ts'
import { eventLog } from '@gatehouse/auth-service/stores/event-log.ts'
import type { Tables as AuthTables } from '@gatehouse/auth-service/stores/tables.ts'
import { openDatabase } from '@gatehouse/sql/database.ts'
import { profiles } from '@gatehouse/user-service/stores/profiles.ts'
import type { Tables as UserTables } from '@gatehouse/user-service/stores/tables.ts'

/** Deletes an account as auth-service's own store does: the one thing in these tests that has no operation yet. */
export const deleteAccount = async (authDatabaseUrl: string, email: string): Promise<void> => {
  const database = await openDatabase<AuthTables>(authDatabaseUrl)
  try {
    // Nobody is told: the processes find the event in the log, as they would one of another replica without Redis.
    const log = eventLog({ database, clock, committed: () => {} })
    const store = accounts({ database, log, clock, accessTokenTtlMs: 86_400_000 })
    const account = await store.findByEmail(email)
    assert.ok(account !== undefined && (await store.delete(account.id)))
  } finally {
    await database.close()
  }
}

/** Whether anything is left of a user's profile: their token is dead, so nobody can ask over HTTP. */
export const hasProfile = async (userDatabaseUrl: string, userId: string): Promise<boolean> => {
  const database = await openDatabase<UserTables>(userDatabaseUrl)
  try {
    return (await profiles(database, clock).find(userId)) !== undefined
  } finally {
    await database.close()
  }
}

const clock = { now: () => Date.now(), monotonic: () => performance.now() }
