import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onBothDatabases } from '../testing/on-both-databases.ts'
import { newAccount, newSession, openAccount, startSession, use } from '../testing/rows.ts'

onBothDatabases('accounts', (given) => {
  test('what an account shows is what was typed, and only to who knows its public id', async () => {
    const { one, two } = given()
    const account = { ...newAccount(one), username: { shown: 'Ada Lovelace', key: 'ada lovelace' } }
    await one.accounts.create(account)
    assert.deepEqual(await two.accounts.describe(account.publicId), {
      username: 'Ada Lovelace',
      email: account.email.shown,
      createdAt: one.clock.now(),
    })
    for (const id of [account.id, 'nobody', '']) assert.equal(await two.accounts.describe(id), undefined)
  })

  test('of two deletions at once, on two replicas, one is made, with one event', async () => {
    const { one, two } = given()
    for (let round = 0; round < 20; round += 1) {
      const { id, publicId } = await openAccount(one)
      await startSession(one, { id })
      const before = one.committed.length + two.committed.length
      const deletions = await Promise.all([one.accounts.delete(id), two.accounts.delete(id)])
      assert.deepEqual(deletions.toSorted(), [false, true])
      const events = [...one.committed, ...two.committed].filter(({ user_id }) => user_id === publicId)
      assert.deepEqual(events.map(({ type }) => type).toSorted(), ['user.deleted', 'user.registered'])
      assert.equal(one.committed.length + two.committed.length, before + 1)
    }
  })

  test('a deletion beside logins, refreshes and a logout-everywhere leaves nothing of the account', async () => {
    const { one, two } = given()
    for (let round = 0; round < 20; round += 1) {
      const ada = await openAccount(one)
      const session = await startSession(one, ada)
      const late = newSession(two, ada)
      await Promise.all([
        one.accounts.delete(ada.id),
        two.sessions.start(late),
        two.sessions.rotate(use(session, 't1', 't2')),
        two.sessions.endAll(ada.publicId, undefined),
        one.sessions.end(session),
      ])
      for (const id of [session, late.id]) assert.equal(await two.sessions.standing(id), undefined)
      assert.equal(await two.accounts.findByPublicId(ada.publicId), undefined)
      const last = [...one.committed, ...two.committed].filter(({ user_id }) => user_id === ada.publicId)
      assert.equal(last.toSorted((a, b) => a.seq - b.seq).at(-1)?.type, 'user.deleted')
    }
  })
})
