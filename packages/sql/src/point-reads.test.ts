import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { startMysql, type TestMysql } from '@gatehouse/testing/mysql.ts'
import { suiteMigrations, type SuiteTables } from './database-suite.ts'
import { openDatabase, type Database } from './database.ts'
import { isUnavailable } from './failures.ts'
import { migrate } from './migrate.ts'

let server: TestMysql
let folder: string
before(async () => {
  server = await startMysql()
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-sql-'))
})
after(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

const places = { sqlite: () => `sqlite:///${folder}/test.db`, mysql: () => server.createDatabase('points') }

for (const dialect of ['sqlite', 'mysql'] as const) {
  suite(`point reads on ${dialect}`, () => {
    const opened: Database<SuiteTables>[] = []
    let db: Database<SuiteTables>
    let elsewhere: Database<SuiteTables>
    before(async () => {
      const url = await places[dialect]()
      const open = async (): Promise<Database<SuiteTables>> => {
        const one = await openDatabase<SuiteTables>(url, { queryTimeoutMs: 1_500 })
        opened.push(one)
        return one
      }
      db = await open()
      await migrate(db, { owner: 'suite', migrations: suiteMigrations })
      elsewhere = await open()
      const account = (username: string) => ({ username, email: `${username}@example.org`, balance: 100 })
      await db.query
        .insertInto('accounts')
        .values([account('ada'), account('bob')])
        .execute()
    })
    after(async () => {
      for (const one of opened) await one.close()
    })

    test('finds the row of its key, alone and among many', async () => {
      const read = balances(db)
      assert.deepStrictEqual(await read('bob'), { username: 'bob', balance: 100 })
      assert.equal(await read('nobody'), undefined)
      const asked = Array.from({ length: 150 }, (_, at) => (at % 3 === 0 ? 'ada' : at % 3 === 1 ? 'bob' : `no ${at}`))
      const found = await Promise.all(asked.map(read))
      assert.deepEqual(
        found.map((row) => row?.username),
        asked.map((name) => (name.startsWith('no ') ? undefined : name)),
      )
    })

    test('sees what was committed before it, on this handle and another', async () => {
      const [here, there] = [balances(db), balances(elsewhere)]
      for (let balance = 1; balance <= 50; balance += 1) {
        const underWay = Promise.all([here('ada'), there('ada')])
        await db.query.updateTable('accounts').set({ balance }).where('username', '=', 'ada').execute()
        assert.equal((await there('ada'))?.balance, balance)
        assert.equal((await here('ada'))?.balance, balance)
        await underWay
      }
    })

    test('never sees what is rolled back, also where it has the connection of the transaction', async () => {
      const [here, there] = [balances(db), balances(elsewhere)]
      let meanwhile: Promise<readonly (number | undefined)[]> | undefined
      const undone = db.transaction(async (trx) => {
        await trx.updateTable('accounts').set({ balance: -1 }).where('username', '=', 'ada').execute()
        meanwhile = Promise.all([here('ada'), there('ada')]).then((rows) => rows.map((row) => row?.balance))
        // One more statement, so that a read that did not wait would have been answered by now.
        await trx.selectFrom('accounts').selectAll().execute()
        throw new Error('undo')
      })
      await assert.rejects(undone, /undo/)
      assert.deepEqual(await meanwhile, [50, 50])
    })

    test('binds keys and nothing else', () => {
      const make = () =>
        db.pointReads({
          rows: (query, usernames) =>
            query.selectFrom('accounts').select('username').where('username', 'in', usernames).where('balance', '=', 1),
          keyOf: ({ username }) => username,
        })
      assert.throws(make, /no other value/)
    })

    // The last one here: it stops the server.
    if (dialect === 'mysql')
      test('of a server that hangs they are refused in time, and answered when it goes on', async () => {
        const read = balances(db)
        server.pause()
        const begun = performance.now()
        try {
          await Promise.all(
            Array.from({ length: 100 }, (_, at) => assert.rejects(read(`user ${at % 70}`), isUnavailable)),
          )
          assert.ok(performance.now() - begun < 5_000)
        } finally {
          server.resume()
        }
        assert.equal((await read('ada'))?.balance, 50)
      })
  })
}

const balances = (database: Database<SuiteTables>) =>
  database.pointReads({
    rows: (query, usernames) =>
      query.selectFrom('accounts').select(['username', 'balance']).where('username', 'in', usernames),
    keyOf: ({ username }) => username,
  })
