import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessTokenTtlMs, sessionTtlMs, type AuthWorld } from '../testing/auth-world.ts'
import { onBothDatabases } from '../testing/on-both-databases.ts'
import { openAccount, startSession } from '../testing/rows.ts'
import { attemptLimits, attemptLog } from './attempt-log.ts'
import { eventLog } from './event-log.ts'
import { keyGraceMs, sweepOnce, sweepRowsMax } from './sweep.ts'

const hourMs = 3_600_000

const sweep = ({ database, clock }: AuthWorld): Promise<number> => sweepOnce({ database, clock, accessTokenTtlMs })
const sweepAll = async (world: AuthWorld): Promise<void> => {
  while ((await sweep(world)) > 0);
}
const isThere = async ({ database }: AuthWorld, session: string): Promise<boolean> =>
  (await database.query.selectFrom('sessions').select('id').where('id', '=', session).execute()).length > 0
const eventsAbout = async ({ database }: AuthWorld, publicId: string): Promise<readonly string[]> => {
  const events = database.query.selectFrom('events').select('type').where('user_id', '=', publicId).orderBy('seq')
  return (await events.execute()).map(({ type }) => type)
}

onBothDatabases('sweeping', (given) => {
  test('what lives stays, and an ended session stays as long as a token of it may', async () => {
    const { one } = given()
    const ada = await openAccount(one)
    const [living, ended] = [await startSession(one, ada), await startSession(one, ada)]
    await one.sessions.end(ended)
    one.clock.advance(accessTokenTtlMs)
    await sweepAll(one)
    assert.deepEqual([await isThere(one, living), await isThere(one, ended)], [true, true])
    one.clock.advance(1)
    await sweepAll(one)
    assert.deepEqual([await isThere(one, living), await isThere(one, ended)], [true, false])
    one.clock.advance(sessionTtlMs - accessTokenTtlMs - 1)
    await sweepAll(one)
    assert.equal(await isThere(one, living), true)
    one.clock.advance(1)
    await sweepAll(one)
    assert.equal(await isThere(one, living), false)
  })

  test('sessions that ended with all the others go as early', async () => {
    const { one } = given()
    const ada = await openAccount(one)
    const [kept, ended] = [await startSession(one, ada), await startSession(one, ada)]
    await one.sessions.endAll(ada.publicId, kept)
    one.clock.advance(accessTokenTtlMs + 1)
    await sweepAll(one)
    assert.deepEqual([await isThere(one, kept), await isThere(one, ended)], [true, false])
  })

  test('an event goes an hour after it can matter to a token; that an account is gone is never forgotten', async () => {
    const { one } = given()
    const ada = await openAccount(one)
    await one.sessions.end(await startSession(one, ada))
    await one.sessions.endAll(ada.publicId, undefined)
    await one.accounts.delete(ada.id)
    const all = ['user.registered', 'session.ended', 'user.epoch-raised', 'user.deleted']
    one.clock.advance(accessTokenTtlMs + hourMs)
    await sweepAll(one)
    assert.deepEqual(await eventsAbout(one, ada.publicId), all)
    // A raise is in force a minute longer, for a login beside it.
    one.clock.advance(60_001)
    await sweepAll(one)
    assert.deepEqual(await eventsAbout(one, ada.publicId), ['user.registered', 'user.deleted'])
    one.clock.advance(1000 * accessTokenTtlMs)
    await sweepAll(one)
    assert.deepEqual(await eventsAbout(one, ada.publicId), ['user.registered', 'user.deleted'])
  })

  test('guesses are forgotten a day after the last one', async () => {
    const { one } = given()
    const log = attemptLog(one.database, one.clock)
    for (let guess = 0; guess < 5; guess += 1) await log.reserve('old')
    one.clock.advance(attemptLimits.forgottenAfterMs)
    await sweepAll(one)
    assert.deepEqual([await log.reserve('old'), await log.reserve('old')], [0, 2 * attemptLimits.firstWaitMs])
    one.clock.advance(attemptLimits.forgottenAfterMs + 1)
    await sweepAll(one)
    const places = await Promise.all(Array.from({ length: 9 }, () => log.reserve('old')))
    assert.equal(places.filter((waitMs) => waitMs === 0).length, attemptLimits.free)
  })

  test('a retired key goes when no token can be signed with it any more', async () => {
    const { one } = given()
    const kids = async () => (await one.database.query.selectFrom('signing_keys').select('kid').execute()).length
    const key = { kid: 'old', place: null, public_jwk: '{}', sealed_private_key: '', created_at: 1 }
    const row = { ...key, retired_at: one.clock.now() }
    await one.database.query.insertInto('signing_keys').values(row).execute()
    one.clock.advance(accessTokenTtlMs + keyGraceMs)
    await sweepAll(one)
    assert.equal(await kids(), 3)
    one.clock.advance(1)
    await sweepAll(one)
    assert.equal(await kids(), 2)
  })

  test('it goes in steps: none removes more of a kind than its bound, and two replicas may do it at once', async () => {
    const { one, two } = given()
    const ada = await openAccount(one)
    const now = one.clock.now()
    const log = eventLog({ database: one.database, clock: one.clock, committed: () => {} })
    await log.recording(async (trx, record) => {
      for (let n = 0; n <= 2 * sweepRowsMax; n += 1) {
        await record({ type: 'session.ended', user_id: ada.publicId, session_id: `s${n}`, until: now - 2 * hourMs })
      }
      const bucket = (n: number) => ({ bucket: `b${n}`, failures: 1, next_at: 1, updated_at: 1 })
      const buckets = Array.from({ length: sweepRowsMax + 1 }, (_, n) => bucket(n))
      await trx.insertInto('login_attempts').values(buckets).execute()
    })
    assert.equal(await sweep(one), 2 * sweepRowsMax)
    assert.equal(await sweep(two), sweepRowsMax + 1)
    await Promise.all([sweepAll(one), sweepAll(two)])
    assert.deepEqual(await eventsAbout(one, ada.publicId), ['user.registered'])
    assert.equal(await sweep(one), 0)
  })
})
