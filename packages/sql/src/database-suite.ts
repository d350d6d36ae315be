import assert from 'node:assert/strict'
import { after, before, beforeEach, suite, test } from 'node:test'
import { sql, type Generated } from 'kysely'
import { openDatabase, type Database } from './database.ts'
import { duplicateKey, isDuplicateKey, isForeignKeyMissing } from './failures.ts'
import type { Limits } from './limits.ts'
import { migrate, type Migration } from './migrate.ts'
import { prepared } from './prepared.ts'

/** The tables that the tests of this package use. */
export type SuiteTables = {
  readonly accounts: {
    readonly id: Generated<number>
    readonly username: string
    readonly email: string
    readonly balance: number
    readonly picture: Uint8Array | null
  }
  readonly sessions: { readonly account_id: number }
}

/** Makes those tables. */
export const suiteMigrations: Readonly<Record<string, Migration>> = {
  '0001-accounts': {
    up: async (db, { sequence, sequenceType, bytes, compareByBytes }) => {
      await compareByBytes(
        db.schema
          .createTable('accounts')
          .addColumn('id', sequenceType, sequence)
          .addColumn('username', 'varchar(80)', (column) => column.notNull())
          .addColumn('email', 'varchar(120)', (column) => column.notNull())
          .addColumn('balance', 'bigint', (column) => column.notNull())
          .addColumn('picture', bytes(64)),
      ).execute()
      await db.schema.createIndex('accounts_username_unique').unique().on('accounts').column('username').execute()
      await db.schema.createIndex('accounts_email').unique().on('accounts').column('email').execute()
      await compareByBytes(
        db.schema
          .createTable('sessions')
          .addColumn('account_id', sequenceType, (column) => column.notNull())
          .addForeignKeyConstraint('sessions_account', ['account_id'], 'accounts', ['id']),
      ).execute()
    },
  },
}

type Place = { readonly url: string; readonly drop: () => Promise<void> }

/** What every dialect keeps. `makePlace` makes an empty database that several handles can open. */
export const databaseSuite = (dialect: 'sqlite' | 'mysql', makePlace: () => Promise<Place>): void => {
  suite(`a database on ${dialect}`, () => {
    let place: Place
    let db: Database<SuiteTables>
    const others: Database<SuiteTables>[] = []
    const openAnother = async (bounds?: Partial<Limits>): Promise<Database<SuiteTables>> => {
      const other = await openDatabase<SuiteTables>(place.url, bounds)
      others.push(other)
      return other
    }
    before(async () => {
      place = await makePlace()
      db = await openDatabase<SuiteTables>(place.url)
      await migrate(db, { owner: 'suite', migrations: suiteMigrations })
    })
    beforeEach(async () => {
      await db.query.deleteFrom('accounts').execute()
      await db.query
        .insertInto('accounts')
        .values([account('ada', 100), account('bob', 100)])
        .execute()
    })
    after(async () => {
      for (const other of others) await other.close()
      await db.close()
      await place.drop()
    })
    const balanceOf = async (username: string, from = db): Promise<number> => {
      const row = await from.query
        .selectFrom('accounts')
        .select('balance')
        .where('username', '=', username)
        .executeTakeFirstOrThrow()
      return row.balance
    }

    test('a prepared statement is given the values of each use, where it is used', async () => {
      type Paid = { readonly who: string; readonly amount: number; readonly picture: Uint8Array | null }
      const pay = prepared(db.query, (query, { who, amount, picture }: Paid) =>
        query
          .updateTable('accounts')
          // A name twice, and a value that is always the same.
          .set({ balance: sql<number>`balance + ${amount} + ${amount} - ${1}`, picture })
          .where('username', '=', who),
      )
      assert.equal((await pay({ who: 'ada', amount: 10, picture: null })).numAffectedRows, 1n)
      assert.equal((await pay({ who: "bob' or '1'='1", amount: 10, picture: null })).numAffectedRows, 0n)
      const undone = db.transaction(async (trx) => {
        await pay({ who: 'bob', amount: 10, picture: Buffer.from([0]) }, trx)
        throw new Error('undo it')
      })
      await assert.rejects(undone, /undo it/)
      assert.deepEqual([await balanceOf('ada'), await balanceOf('bob')], [119, 100])
    })

    test('knows its dialect and answers a ping', async () => {
      assert.equal(db.dialect, dialect)
      await db.ping()
    })

    test('a row is an ordinary object of numbers, text, bytes and null', async () => {
      const big = Number.MAX_SAFE_INTEGER
      const picture = Buffer.from([0, 255, 39, 92])
      const text = `Ünïcode ' " \\ ; -- \u{1F600}`
      await db.query.insertInto('accounts').values({ username: text, email: 'e', balance: big, picture }).execute()
      const columns = ['username', 'balance', 'picture'] as const
      const row = await db.query.selectFrom('accounts').select(columns).where('username', '=', text).executeTakeFirst()
      assert.deepStrictEqual(row, { username: text, balance: big, picture })
      const ada = await db.query
        .selectFrom('accounts')
        .select('picture')
        .where('username', '=', 'ada')
        .executeTakeFirst()
      assert.deepStrictEqual(ada, { picture: null })
    })

    test('an object as a value is refused instead of becoming SQL', async () => {
      // What a body parser makes of {"username":{"username":1}} where nobody validated.
      const hostile = { username: 1 } as unknown as string
      await assert.rejects(
        db.query.selectFrom('accounts').selectAll().where('username', '=', hostile).execute(),
        TypeError,
      )
      await assert.rejects(sql`select ${undefined} as x`.execute(db.query), TypeError)
    })

    test('an UPDATE counts the rows it matched, changed or not', async () => {
      const update = db.query.updateTable('accounts').set({ balance: 100 })
      assert.equal((await update.where('username', '=', 'ada').executeTakeFirst()).numUpdatedRows, 1n)
      assert.equal((await update.where('username', '=', 'nobody').executeTakeFirst()).numUpdatedRows, 0n)
    })

    test('text compares by its bytes', async () => {
      for (const username of ['ADA', 'àda']) {
        assert.equal(
          await db.query.selectFrom('accounts').select('id').where('username', '=', username).executeTakeFirst(),
          undefined,
        )
      }
    })

    test('a duplicate says which key it met, whatever the value says', async () => {
      const insert = (username: string, email: string, id?: number): Promise<unknown> =>
        db.query
          .insertInto('accounts')
          .values({ ...account(username, 1), email, ...(id === undefined ? {} : { id }) })
          .execute()
      const keyOf = (write: Promise<unknown>): Promise<string | undefined> => write.then(() => undefined, duplicateKey)
      const misleading = "x' for key 'accounts_email'"
      await insert(misleading, 'fresh@example.org')

      assert.equal(await keyOf(insert('ada', 'new@example.org')), 'accounts_username')
      assert.equal(await keyOf(insert('carol', 'bob@example.org')), 'accounts_email')
      assert.equal(await keyOf(insert(misleading, 'other@example.org')), 'accounts_username')
      const { id } = await db.query.selectFrom('accounts').select('id').executeTakeFirstOrThrow()
      assert.equal(await keyOf(insert('dora', 'dora@example.org', id)), 'primary')
      const tooLittle: unknown = await db.query
        .insertInto('accounts')
        .values({ ...account('eve', 1), email: sql`null` })
        .execute()
        .catch((e: unknown) => e)
      assert.equal(isDuplicateKey(tooLittle), false)
    })

    test('a row that refers to nothing is refused, and recognised', async () => {
      const write = db.query.insertInto('sessions').values({ account_id: 987654 }).execute()
      const error: unknown = await write.catch((failure: unknown) => failure)
      assert.deepEqual([isForeignKeyMissing(error), isDuplicateKey(error)], [true, false])
    })

    test('the key that counts upwards never gives a number twice', async () => {
      const next = async (): Promise<bigint> => {
        const { insertId } = await db.query.insertInto('accounts').values(account('zoe', 1)).executeTakeFirst()
        await db.query.deleteFrom('accounts').where('username', '=', 'zoe').execute()
        return insertId ?? 0n
      }
      const [first, second] = [await next(), await next()]
      assert.ok(second > first)
    })

    test('a transaction that throws leaves nothing behind, and throws the same', async () => {
      const failure = new Error('changed my mind')
      const work = db.transaction(async (trx) => {
        await trx.updateTable('accounts').set({ balance: 0 }).execute()
        throw failure
      })
      await assert.rejects(work, (error) => error === failure)
      assert.equal(await balanceOf('ada'), 100)
    })

    test('concurrent transactions and single statements do not run inside each other', async () => {
      const turns = Array.from({ length: 40 }, (_, turn) =>
        db
          .transaction(async (trx) => {
            const row = await trx
              .selectFrom('accounts')
              .select('balance')
              .where('username', '=', 'ada')
              .$if(dialect === 'mysql', (query) => query.forUpdate())
              .executeTakeFirstOrThrow()
            // Others are given every chance to step in between.
            await new Promise((resolve) => setImmediate(resolve))
            await trx
              .updateTable('accounts')
              .set({ balance: row.balance + 1 })
              .where('username', '=', 'ada')
              .execute()
            if (turn % 4 === 3) throw new Error('rolled back')
          })
          .catch(() => {}),
      )
      const statements = Array.from({ length: 40 }, (_, turn) =>
        (turn % 2 === 0 ? db.query : db.unflushed)
          .updateTable('accounts')
          .set((eb) => ({ balance: eb('balance', '+', 1) }))
          .where('username', '=', 'bob')
          .execute(),
      )
      await Promise.all([...turns, ...statements])
      assert.equal(await balanceOf('ada'), 130)
      assert.equal(await balanceOf('bob'), 140, 'a statement of its own was lost with the transaction of another')
    })

    test('two handles on one database, as two processes have, lose no update', async () => {
      const other = await openAnother()
      const add = (query: Database<SuiteTables>['query']): Promise<unknown> =>
        query
          .updateTable('accounts')
          .set((eb) => ({ balance: eb('balance', '+', 1) }))
          .where('username', '=', 'ada')
          .execute()
      const queries = [db.query, other.query, db.unflushed, other.unflushed]
      await Promise.all(Array.from({ length: 13 }, () => queries.map(add)).flat())
      assert.equal(await balanceOf('ada', other), 152)
    })

    test('a full queue and a long wait are refused as database-unavailable, and it recovers', async () => {
      const narrow = await openAnother({ connectionsMax: 1, waitingMax: 1, acquireTimeoutMs: 50 })
      const release = Promise.withResolvers<void>()
      const entered = Promise.withResolvers<void>()
      const holder = narrow.transaction(async () => {
        entered.resolve()
        await release.promise
      })
      await entered.promise
      const outcomes = await Promise.allSettled([narrow.ping(), narrow.ping()])
      assert.match(reasonOf(outcomes[0]), /database-unavailable because .*waited 50 ms/)
      assert.match(reasonOf(outcomes[1]), /database-unavailable because .*(1 callers wait already|Queue limit reached)/)
      release.resolve()
      await holder
      await narrow.ping()
    })
  })
}

const account = (name: string, balance: number) => ({
  username: name,
  email: `${name}@example.org`,
  balance,
  picture: null,
})

const reasonOf = (outcome: PromiseSettledResult<unknown>): string =>
  outcome.status === 'rejected' && outcome.reason instanceof Error
    ? `${outcome.reason.message} because ${String(outcome.reason.cause)}`
    : 'fulfilled'
