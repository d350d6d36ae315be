import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessTokenTtlMs, sessionTtlMs, type AuthWorld } from '../testing/auth-world.ts'
import { onBothDatabases } from '../testing/on-both-databases.ts'
import { openAccount, startSession, use } from '../testing/rows.ts'

const livingOf = async (world: AuthWorld, { publicId }: { readonly publicId: string }): Promise<readonly string[]> =>
  (await world.sessions.listLiving(publicId, 100)).map(({ id }) => id)

onBothDatabases('raising an epoch', (given) => {
  test('all sessions of the account end but the kept one, nobody else’s do, and one event says so', async () => {
    const { one, two } = given()
    const [ada, bob] = [await openAccount(one), await openAccount(one)]
    const [kept, ...others] = [await startSession(one, ada), await startSession(one, ada), await startSession(two, ada)]
    const bobs = await startSession(one, bob)
    const before = one.committed.length
    assert.equal(await one.sessions.endAll(ada.publicId, kept), true)
    assert.deepEqual(await livingOf(two, ada), [kept])
    assert.deepEqual(await livingOf(two, bob), [bobs])
    for (const id of others) assert.equal((await two.sessions.standing(id))?.ended, true)
    const { seq, at, ...event } = one.committed.at(-1) ?? assert.fail()
    assert.ok(seq > 0 && at === one.clock.now())
    assert.deepEqual(event, {
      type: 'user.epoch-raised',
      user_id: ada.publicId,
      epoch: 1,
      kept_session_id: kept,
      until: one.clock.now() + accessTokenTtlMs + 60_000,
    })
    assert.equal(one.committed.length, before + 1)
    assert.equal((await two.sessions.rotate(use(kept, 't1', 't2'))).outcome, 'rotated')
  })

  test('without a kept one none is left, and the event names none', async () => {
    const { one } = given()
    const ada = await openAccount(one)
    await startSession(one, ada)
    assert.equal(await one.sessions.endAll(ada.publicId, undefined), true)
    assert.deepEqual(await livingOf(one, ada), [])
    assert.equal('kept_session_id' in (one.committed.at(-1) ?? {}), false)
  })

  test('a session that a login had under way is born dead: not shown, not known, not refreshed', async () => {
    const { one } = given()
    const ada = await openAccount(one)
    const kept = await startSession(one, ada)
    await one.sessions.endAll(ada.publicId, kept)
    const late = await startSession(one, ada, { epoch: 0, address: '192.0.2.1' })
    assert.deepEqual(await livingOf(one, ada), [kept])
    assert.equal((await one.sessions.standing(late))?.ended, true)
    assert.equal(await one.sessions.knowsAddress(ada.id, '192.0.2.1'), false)
    assert.deepEqual(await one.sessions.rotate(use(late, 't1', 't2')), { outcome: 'dead' })
    assert.equal(await one.sessions.end(late), false)
  })

  test('a session that has ended keeps nothing, ends nobody and is not brought back', async () => {
    const { one } = given()
    const ada = await openAccount(one)
    const [loggedOut, expired, other] = [
      await startSession(one, ada),
      await startSession(one, ada, { expiresAt: one.clock.now() }),
      await startSession(one, ada),
    ]
    const bobs = await startSession(one, await openAccount(one))
    await one.sessions.end(loggedOut)
    const before = one.committed.length
    for (const id of [loggedOut, expired, bobs, 'none']) {
      assert.equal(await one.sessions.endAll(ada.publicId, id), false)
      const change = { accountId: ada.id, from: 'hash', to: 'new', keptSessionId: id }
      assert.equal(await one.accounts.changePassword(change), false)
    }
    assert.deepEqual(await livingOf(one, ada), [other])
    assert.equal((await one.accounts.findByPublicId(ada.publicId))?.passwordHash, 'hash')
    assert.equal(one.committed.length, before)
  })

  test('of two sessions that end each other at once one is left, and the log keeps that one', async () => {
    const { one, two } = given()
    for (let round = 0; round < 20; round += 1) {
      const ada = await openAccount(one)
      const [first, second] = [await startSession(one, ada), await startSession(one, ada)]
      const [isFirst, isSecond] = await Promise.all([
        one.sessions.endAll(ada.publicId, first),
        two.sessions.endAll(ada.publicId, second),
      ])
      const winner = isFirst ? first : second
      assert.notEqual(isFirst, isSecond)
      assert.deepEqual(await livingOf(one, ada), [winner])
      const events = [...one.committed, ...two.committed].filter(({ user_id }) => user_id === ada.publicId)
      assert.deepEqual(
        events.flatMap((event) => (event.type === 'user.epoch-raised' ? [event.kept_session_id] : [])),
        [winner],
      )
    }
  })

  test('of two new passwords at once one is set, and its session alone lives', async () => {
    const { one, two } = given()
    for (let round = 0; round < 20; round += 1) {
      const ada = await openAccount(one)
      const [first, second] = [await startSession(one, ada), await startSession(one, ada)]
      const change = { accountId: ada.id, from: 'hash' }
      const [isFirst, isSecond] = await Promise.all([
        one.accounts.changePassword({ ...change, to: 'first', keptSessionId: first }),
        two.accounts.changePassword({ ...change, to: 'second', keptSessionId: second }),
      ])
      assert.notEqual(isFirst, isSecond)
      const account = await one.accounts.findByPublicId(ada.publicId)
      assert.deepEqual([account?.passwordHash, account?.epoch], [isFirst ? 'first' : 'second', 1])
      assert.deepEqual(await livingOf(two, ada), [isFirst ? first : second])
    }
  })

  test('a new password takes the place of the one that was verified, and of no other', async () => {
    const { one } = given()
    const ada = await openAccount(one)
    const [kept, other] = [await startSession(one, ada), await startSession(one, ada)]
    const change = { accountId: ada.id, to: 'new', keptSessionId: kept }
    assert.equal(await one.accounts.changePassword({ ...change, from: 'hash of yesterday' }), false)
    const before = await one.accounts.findByPublicId(ada.publicId)
    assert.deepEqual([before?.passwordHash, before?.epoch], ['hash', 0])
    assert.deepEqual((await livingOf(one, ada)).toSorted(), [kept, other].toSorted())
    assert.equal(await one.accounts.changePassword({ ...change, from: 'hash' }), true)
    const after = await one.accounts.findByPublicId(ada.publicId)
    assert.deepEqual([after?.passwordHash, after?.epoch], ['new', 1])
  })

  test('a login beside it is ended or born dead', async () => {
    const { one, two } = given()
    for (let round = 0; round < 20; round += 1) {
      const ada = await openAccount(one)
      const [, ...ids] = await Promise.all([
        one.sessions.endAll(ada.publicId, undefined),
        startSession(two, ada),
        startSession(one, ada),
      ])
      assert.deepEqual(await livingOf(one, ada), [])
      for (const id of ids) assert.equal((await two.sessions.standing(id))?.ended, true)
    }
  })

  test('the log remembers it for the longest of the tokens that it ends', async () => {
    const { one } = given()
    const ada = await openAccount(one)
    const tokenExpiresAt = one.clock.now() + 3 * accessTokenTtlMs
    await startSession(one, ada, { tokenExpiresAt, expiresAt: one.clock.now() + sessionTtlMs })
    await one.sessions.endAll(ada.publicId, undefined)
    const event = one.committed.at(-1)
    assert.ok(event?.type === 'user.epoch-raised' && event.until === tokenExpiresAt)
  })

  test('an account that is gone has nothing to end', async () => {
    const { one } = given()
    assert.equal(await one.sessions.endAll('nobody', undefined), false)
  })
})
