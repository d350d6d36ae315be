import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { sql, type Kysely } from 'kysely'
import { freshMysqlDatabase } from '@gatehouse/testing/mysql.ts'
import { spawnNode } from '@gatehouse/testing/processes.ts'
import { openDatabase } from './database.ts'
import { migrate, pendingMigrations, type Migration } from './migrate.ts'

const createTable = (name: string): Migration => ({
  up: async (db, { compareByBytes }) => {
    await compareByBytes(db.schema.createTable(name).addColumn('id', 'integer')).execute()
  },
})
const tablesOf = async (db: Kysely<unknown>): Promise<readonly string[]> =>
  (await db.introspection.getTables())
    .map(({ name }) => name)
    .filter((name) => !name.includes('_migration'))
    .toSorted()

const places = {
  sqlite: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-migrate-'))
    return { url: `sqlite:///${folder}/test.db`, drop: () => rm(folder, { recursive: true }) }
  },
  mysql: freshMysqlDatabase,
}

for (const [dialect, makePlace] of Object.entries(places)) {
  suite(`migrations on ${dialect}`, () => {
    const inDatabase = (name: string, body: (url: string) => Promise<void>): void => {
      void test(name, async () => {
        const place = await makePlace()
        try {
          await body(place.url)
        } finally {
          await place.drop()
        }
      })
    }

    inDatabase('are taken once, in order, each owner on its own', async (url) => {
      const db = await openDatabase<unknown>(url)
      const first = { '0001-a': createTable('a') }
      const both = { '0002-b': createTable('b'), ...first }
      assert.deepEqual(await pendingMigrations(db, { owner: 'auth', migrations: both }), ['0001-a', '0002-b'])
      assert.deepEqual(await tablesOf(db.query), [], 'looking changes nothing')
      assert.deepEqual(await migrate(db, { owner: 'auth', migrations: first }), ['0001-a'])
      assert.deepEqual(await migrate(db, { owner: 'auth', migrations: both }), ['0002-b'])
      assert.deepEqual(await migrate(db, { owner: 'auth', migrations: both }), [])
      assert.deepEqual(await migrate(db, { owner: 'users', migrations: { '0001-a': createTable('c') } }), ['0001-a'])
      assert.deepEqual(await pendingMigrations(db, { owner: 'auth', migrations: both }), [])
      assert.deepEqual(await tablesOf(db.query), ['a', 'b', 'c'])
      // The release before this one starts on the newer database.
      assert.deepEqual(await migrate(db, { owner: 'auth', migrations: first }), [])
      await db.close()
    })

    inDatabase('that fail are named, and taken again once they are repaired', async (url) => {
      const db = await openDatabase<unknown>(url)
      const broken: Migration = { up: async (trx) => void (await sql`create nonsense`.execute(trx)) }
      const migrations = { '0001-a': createTable('a'), '0002-b': broken }
      await assert.rejects(migrate(db, { owner: 'auth', migrations }), /migration of auth failed at 0002-b: .*nonsense/)
      // SQLite undoes the whole run; MySQL cannot, and keeps the steps that are done.
      assert.deepEqual(await tablesOf(db.query), dialect === 'sqlite' ? [] : ['a'])
      await migrate(db, { owner: 'auth', migrations: { ...migrations, '0002-b': createTable('b') } })
      assert.deepEqual(await tablesOf(db.query), ['a', 'b'])
      await db.close()
    })

    inDatabase('are taken once by three processes that start together', async (url) => {
      const script = `
        const { openDatabase } = await import('@gatehouse/sql/database.ts')
        const { migrate } = await import('@gatehouse/sql/migrate.ts')
        const up = name => async db => { await db.schema.createTable(name).addColumn('id', 'integer').execute() }
        const migrations = Object.fromEntries(Array.from({ length: 8 }, (_, n) => ['000' + n, { up: up('t' + n) }]))
        const db = await openDatabase(process.env.URL)
        console.log('took', (await migrate(db, { owner: 'auth', migrations })).length)
        await db.close()`
      const children = Array.from({ length: 3 }, () =>
        spawnNode(['--input-type=module', '-e', script], { URL: url }, { cwd: import.meta.dirname }),
      )
      const took = await Promise.all(children.map(async (child) => Number((await child.waitForLine(/took (\d)/))[1])))
      for (const child of children) assert.deepEqual(await child.ended(), { code: 0, signal: null }, child.output())
      assert.deepEqual(
        took.toSorted((a, b) => a - b),
        [0, 0, 8],
      )
    })
  })
}
