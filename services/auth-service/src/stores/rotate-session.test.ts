import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessTokenTtlMs, sessionTtlMs } from '../testing/auth-world.ts'
import { onBothDatabases } from '../testing/on-both-databases.ts'
import { openAccount, startSession, use } from '../testing/rows.ts'
import { graceMs } from './rotate-session.ts'

onBothDatabases('rotating a session', (given) => {
  test('the current token moves the session on, and the row says when and from where', async () => {
    const { one } = given()
    const ada = await openAccount(one)
    const id = await startSession(one, ada)
    one.clock.advance(90_000)
    assert.deepEqual(await one.sessions.rotate(use(id, 't1', 't2')), {
      outcome: 'rotated',
      session: { id, publicId: ada.publicId, epoch: 0, expiresAt: one.clock.now() + accessTokenTtlMs },
    })
    const [shown] = await one.sessions.listLiving(ada.publicId, 10)
    assert.deepEqual([shown?.address, shown?.lastSeenAt], ['198.51.100.9', one.clock.now()])
  })

  test('its direct parent is answered the same successor until ten seconds are over, and then is reuse', async () => {
    const { one, two } = given()
    const id = await startSession(one, await openAccount(one))
    const rotated = await one.sessions.rotate(use(id, 't1', 't2'))
    assert.ok(rotated.outcome === 'rotated')
    one.clock.advance(graceMs)
    const repeated = { outcome: 'repeated', session: rotated.session, sealedSuccessor: 'sealed t2' }
    assert.deepEqual(await two.sessions.rotate(use(id, 't1', 't3')), repeated)
    assert.deepEqual(await one.sessions.rotate(use(id, 't1', 't4')), repeated)
    one.clock.advance(1)
    assert.deepEqual(await two.sessions.rotate(use(id, 't1', 't5')), { outcome: 'reused' })
    assert.equal((await one.sessions.rotate(use(id, 't2', 't6'))).outcome, 'rotated')
  })

  test('the grace is over once the successor was used', async () => {
    const { one } = given()
    const id = await startSession(one, await openAccount(one))
    await one.sessions.rotate(use(id, 't1', 't2'))
    await one.sessions.rotate(use(id, 't2', 't3'))
    assert.deepEqual(await one.sessions.rotate(use(id, 't1', 't4')), { outcome: 'reused' })
    assert.equal((await one.sessions.rotate(use(id, 't2', 't5'))).outcome, 'repeated')
  })

  test('a session that ended, expired, is gone or was never there is dead, whatever is sent', async () => {
    const { one } = given()
    const ended = await startSession(one, await openAccount(one))
    await one.sessions.end(ended)

    const raised = await openAccount(one)
    const bornDead = await startSession(one, raised)
    await one.database.query.updateTable('users').set({ epoch: 1 }).where('id', '=', raised.id).execute()

    const gone = await openAccount(one)
    const deleted = await startSession(one, gone)
    await one.accounts.delete(gone.id)

    const expired = await startSession(one, await openAccount(one), { expiresAt: one.clock.now() })
    for (const id of [ended, bornDead, deleted, expired, 'none']) {
      assert.deepEqual(await one.sessions.rotate(use(id, 't1', 't2')), { outcome: 'dead' })
      assert.deepEqual(await one.sessions.rotate(use(id, 'used up long ago', 't2')), { outcome: 'dead' })
    }
  })

  test('of twenty callers on two replicas one rotates, and the others are answered its successor', async () => {
    const { one, two } = given()
    for (let round = 0; round < 20; round += 1) {
      const id = await startSession(one, await openAccount(one))
      const rotations = await Promise.all(
        Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : two).sessions.rotate(use(id, 't1', `t2-${n}`))),
      )
      const winner = rotations.findIndex(({ outcome }) => outcome === 'rotated')
      const others = rotations.filter((_, n) => n !== winner)
      assert.ok(
        others.every((other) => other.outcome === 'repeated' && other.sealedSuccessor === `sealed t2-${winner}`),
      )
    }
  })

  test('refreshes beside a logout-everywhere never wait for each other in a circle, and none survives it', async () => {
    const { one, two } = given()
    for (let round = 0; round < 10; round += 1) {
      const ada = await openAccount(one)
      const ids = [await startSession(one, ada), await startSession(one, ada), await startSession(one, ada)]
      const outcomes = await Promise.all([
        ...ids.map((id) => two.sessions.rotate(use(id, 't1', 't2'))),
        one.sessions.endAll(ada.publicId, undefined),
        ...ids.map((id) => one.sessions.rotate(use(id, 't1', 't2b'))),
      ])
      assert.equal(outcomes[3], true)
      assert.deepEqual(await one.sessions.listLiving(ada.publicId, 10), [])
      for (const id of ids) assert.deepEqual(await two.sessions.rotate(use(id, 't2', 't3')), { outcome: 'dead' })
    }
  })

  test('refreshes of the kept session beside the end of all others go through', async () => {
    const { one, two } = given()
    for (let round = 0; round < 20; round += 1) {
      const ada = await openAccount(one)
      const [kept, other] = [await startSession(one, ada), await startSession(one, ada)]
      const [, ...rotations] = await Promise.all([
        one.sessions.endAll(ada.publicId, kept),
        two.sessions.rotate(use(kept, 't1', 't2')),
        one.sessions.rotate(use(kept, 't1', 't2b')),
        two.sessions.rotate(use(other, 't1', 't2')),
      ])
      assert.deepEqual(
        rotations
          .slice(0, 2)
          .map(({ outcome }) => outcome)
          .toSorted(),
        ['repeated', 'rotated'],
      )
      assert.deepEqual(
        (await two.sessions.listLiving(ada.publicId, 10)).map(({ id }) => id),
        [kept],
      )
    }
  })

  test('nothing moves the end of the family: a token that goes with a refresh stops there', async () => {
    const { one } = given()
    const started = one.clock.now()
    const id = await startSession(one, await openAccount(one))
    one.clock.advance(sessionTtlMs - 1000)
    const rotation = await one.sessions.rotate(use(id, 't1', 't2'))
    assert.ok(rotation.outcome === 'rotated')
    assert.equal(rotation.session.expiresAt, started + sessionTtlMs)
    one.clock.advance(1000)
    assert.deepEqual(await one.sessions.rotate(use(id, 't2', 't3')), { outcome: 'dead' })
  })

  test('the end of a session is remembered for its oldest token, given out when they still lived longer', async () => {
    const { one } = given()
    const ada = await openAccount(one)
    const tokenExpiresAt = one.clock.now() + 2 * accessTokenTtlMs
    const id = await startSession(one, ada, { tokenExpiresAt })
    await one.sessions.rotate(use(id, 't1', 't2'))
    await one.sessions.end(id)
    const event = one.committed.at(-1)
    assert.ok(event?.type === 'session.ended' && event.until >= tokenExpiresAt)
  })
})
