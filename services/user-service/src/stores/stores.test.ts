import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { migrate } from '@gatehouse/sql/migrate.ts'
import { userMigrations } from '../migrations/migrations.ts'
import { openSqlStores, type SqlStores } from '../testing/sql-stores.ts'
import { storesSuite } from '../testing/stores-suite.ts'

storesSuite('on sqlite', () => openSqlStores('sqlite'), { modelRuns: 60 })
storesSuite('on mysql', () => openSqlStores('mysql'), { modelRuns: 60 })

for (const dialect of ['sqlite', 'mysql'] as const) {
  suite(`what the tables of profiles hold on ${dialect}`, () => {
    let stores: SqlStores
    before(async () => {
      stores = await openSqlStores(dialect)
    })
    after(() => stores.close())

    const rowOf = (userId: string) =>
      stores.database.query.selectFrom('profiles').selectAll().where('user_id', '=', userId).executeTakeFirstOrThrow()

    test('a profile says when it was made and when it was last written', async () => {
      const { first, clock } = stores
      const user = randomUUID()
      const madeAt = clock.now()
      await first.profiles.write(user, { bio: 'a' })
      clock.advance(60_000)
      await first.profiles.write(user, { avatar: 'b' })
      const { created_at, updated_at, erased_at } = await rowOf(user)
      assert.deepEqual(
        { created_at, updated_at, erased_at },
        { created_at: madeAt, updated_at: madeAt + 60_000, erased_at: null },
      )
    })

    test('of an erased profile only the id and the time of its erasure are left', async () => {
      const { first, clock } = stores
      const [written, never] = [randomUUID(), randomUUID()]
      await first.profiles.write(written, { bio: 'private', avatar: 'mine', preferences: { secret: 1 } })
      clock.advance(60_000)
      const erasedAt = clock.now()
      for (const user of [written, never]) {
        await first.erasures.erase(user, 1)
        clock.advance(60_000)
        await first.erasures.erase(user, 1)
        assert.deepEqual(await rowOf(user), {
          user_id: user,
          bio: '',
          avatar: null,
          preferences: '{}',
          created_at: erasedAt + (user === never ? 60_000 : 0),
          updated_at: erasedAt + (user === never ? 60_000 : 0),
          erased_at: erasedAt + (user === never ? 60_000 : 0),
        })
      }
    })

    test('of several who make the cursor at once, the furthest is kept', async () => {
      const { first, second, database } = stores
      for (let round = 0; round < 60; round += 1) {
        await database.query.deleteFrom('feed_cursor').execute()
        await Promise.all([first.erasures.advance(1), second.erasures.advance(5), first.erasures.advance(2)])
        assert.equal(await first.erasures.cursor(), 5)
      }
    })

    test('a second migration finds nothing to do', async () => {
      assert.deepEqual(await migrate(stores.database, userMigrations), [])
    })

    // The last one here: it breaks the database to see what a half-done erasure leaves.
    test('an erasure whose cursor cannot be kept has erased nothing', async () => {
      const { first, database } = stores
      const user = randomUUID()
      await first.profiles.write(user, { bio: 'still here' })
      await database.query.schema.dropTable('feed_cursor').execute()
      await assert.rejects(first.erasures.erase(user, 99), /feed_cursor/)
      assert.equal((await first.profiles.find(user))?.bio, 'still here')
    })
  })
}
