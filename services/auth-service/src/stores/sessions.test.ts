import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sessionTtlMs } from '../testing/auth-world.ts'
import { onBothDatabases } from '../testing/on-both-databases.ts'
import { openAccount, startSession } from '../testing/rows.ts'

onBothDatabases('sessions', (given) => {
  test('living ones are listed, newest first, as they are, no more than asked for, and nobody else’s', async () => {
    const { one, two } = given()
    const [ada, bob] = [await openAccount(one), await openAccount(one)]
    const oldest = await startSession(one, ada, { userAgent: 'curl/8', address: '2001:db8::1' })
    const createdAt = one.clock.now()
    one.clock.advance(1000)
    const newer = await startSession(one, ada)
    await one.sessions.end(await startSession(one, ada))
    await startSession(one, ada, { expiresAt: one.clock.now() })
    await startSession(one, bob)
    const listed = await two.sessions.listLiving(ada.publicId, 10)
    assert.deepEqual(
      listed.map(({ id }) => id),
      [newer, oldest],
    )
    assert.deepEqual(listed[1], {
      id: oldest,
      createdAt,
      lastSeenAt: createdAt,
      expiresAt: createdAt + sessionTtlMs,
      address: '2001:db8::1',
      userAgent: 'curl/8',
    })
    assert.equal(listed[0]?.userAgent, undefined)
    assert.deepEqual(
      (await two.sessions.listLiving(ada.publicId, 1)).map(({ id }) => id),
      [newer],
    )
    assert.deepEqual(await two.sessions.listLiving('nobody', 10), [])
  })

  test('an address is known as long as a session of that account lives there', async () => {
    const { one, two } = given()
    const [ada, bob] = [await openAccount(one), await openAccount(one)]
    const known = () => two.sessions.knowsAddress(ada.id, '192.0.2.1')
    await startSession(one, bob, { address: '192.0.2.1' })
    await startSession(one, ada, { address: '192.0.2.2' })
    assert.equal(await known(), false)
    const id = await startSession(one, ada, { address: '192.0.2.1' })
    assert.equal(await known(), true)
    await one.sessions.end(id)
    assert.equal(await known(), false)
    await startSession(one, ada, { address: '192.0.2.1', expiresAt: one.clock.now() + 1000 })
    assert.equal(await known(), true)
    one.clock.advance(1000)
    assert.equal(await known(), false)
  })

  test('the last sight of a session never moves back, not by a replica whose clock is behind', async () => {
    const { one, two } = given()
    const id = await startSession(one, await openAccount(one))
    const lastSeenAt = async () => (await two.sessions.standing(id))?.lastSeenAt
    one.clock.advance(60_000)
    await one.sessions.seen(id)
    const now = one.clock.now()
    assert.equal(await lastSeenAt(), now)
    one.clock.setWallTime(now - 30_000)
    await two.sessions.seen(id)
    one.clock.setWallTime(now)
    assert.equal(await lastSeenAt(), now)
    await one.sessions.seen('none')
  })

  test('a session is ended by its owner alone, once, on one replica, with one event', async () => {
    const { one, two } = given()
    const [ada, bob] = [await openAccount(one), await openAccount(one)]
    const id = await startSession(one, ada)
    const before = one.committed.length + two.committed.length
    assert.equal(await one.sessions.end(id, bob.publicId), false)
    assert.equal((await one.sessions.standing(id))?.ended, false)
    const ends = await Promise.all([one.sessions.end(id, ada.publicId), two.sessions.end(id)])
    assert.deepEqual(ends.toSorted(), [false, true])
    assert.equal(one.committed.length + two.committed.length, before + 1)
  })

  test('a session that has expired is none that could be ended', async () => {
    const { one } = given()
    const id = await startSession(one, await openAccount(one), { expiresAt: one.clock.now() })
    assert.equal(await one.sessions.end(id), false)
    assert.equal(one.committed.at(-1)?.type, 'user.registered')
  })
})
