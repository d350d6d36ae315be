import assert from 'node:assert/strict'
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import { spawnNode } from '@gatehouse/testing/processes.ts'
import { openDatabase, type Database } from './database.ts'
import { isDuplicateKey, isUnavailable } from './failures.ts'
import type { Limits } from './limits.ts'

type Tables = { readonly notes: { readonly text: string } }

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sqlite-'))
after(() => rmSync(folder, { recursive: true }))

const openNotes = async (name: string, bounds: Partial<Limits> = {}): Promise<Database<Tables>> => {
  const db = await openDatabase<Tables>(`sqlite:///${folder}/${name}`, bounds)
  await db.query.schema.createTable('notes').ifNotExists().addColumn('text', 'text').execute()
  return db
}
const texts = async (db: Database<Tables>): Promise<readonly string[]> =>
  (await db.query.selectFrom('notes').select('text').execute()).map(({ text }) => text)

test('the file, its two companions and its folder are for their owner alone', async () => {
  const mask = process.umask(0)
  try {
    const db = await openNotes('private/notes.db')
    const modeOf = (path: string): string => (statSync(join(folder, path)).mode & 0o777).toString(8)
    assert.equal(modeOf('private'), '700')
    for (const name of ['notes.db', 'notes.db-wal', 'notes.db-shm'])
      assert.equal(modeOf(`private/${name}`), '600', name)
    await db.close()
  } finally {
    process.umask(mask)
  }
})

test('rows are ordinary objects with bytes as Buffers, also when somebody else has changed the columns since', async () => {
  const db = await openNotes('columns.db')
  await sql`insert into notes (text) values ('first')`.execute(db.query)
  const all = async (): Promise<unknown> => (await sql`select * from notes`.execute(db.query)).rows
  assert.deepEqual(await all(), [{ text: 'first' }])
  const other = new DatabaseSync(join(folder, 'columns.db'))
  other.exec("alter table notes add column bytes blob default x'00ff'")
  assert.deepEqual(await all(), [{ text: 'first', bytes: Buffer.from([0, 255]) }])
  other.exec('alter table notes rename column text to body')
  assert.deepEqual(await all(), [{ body: 'first', bytes: Buffer.from([0, 255]) }])
  other.close()
  await db.close()
})

test('the file is whole after a power cut: WAL, synchronous NORMAL, and foreign keys (what is in it: wal-flushes.test.ts)', async () => {
  const db = await openNotes('pragmas.db')
  const valueOf = async (name: string): Promise<unknown> => {
    const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(db.query)
    return Object.values(rows[0] ?? {})[0]
  }
  assert.equal(await valueOf('journal_mode'), 'wal')
  assert.equal(await valueOf('synchronous'), 1)
  assert.equal(await valueOf('foreign_keys'), 1)
  await db.close()
})

test('a transaction that need not be flushed is none, and a statement of that kind fails like every other', async () => {
  const db = await openNotes('unflushed.db')
  await assert.rejects(sql`insert into nowhere values (1)`.execute(db.unflushed), /no such table/)
  await assert.rejects(
    db.unflushed.transaction().execute(() => Promise.resolve()),
    /a transaction is flushed/,
  )
  await db.close()
})

test('a path that cannot be opened is named in the failure', async () => {
  await assert.rejects(openDatabase(`sqlite:///${folder}`), /SQLite database .* cannot be opened/)
  const noDatabase = join(folder, 'text.db')
  writeFileSync(noDatabase, 'this is a text file, and a long enough one to be sure '.repeat(20))
  await assert.rejects(openDatabase(`sqlite:///${noDatabase}`), /text\.db cannot be opened: file is not a database/)
})

test('another process that writes is waited for without stopping the event loop', async () => {
  const db = await openNotes('shared.db')
  const other = new DatabaseSync(join(folder, 'shared.db'))
  other.exec("begin immediate; insert into notes values ('theirs')")
  const write = db.query.insertInto('notes').values({ text: 'statement' }).execute()
  const transaction = db.transaction((trx) => trx.insertInto('notes').values({ text: 'transaction' }).execute())
  // These timers run only because nothing blocks; the writes are still waiting when the last has run.
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1))
  other.exec('commit')
  await Promise.all([write, transaction])
  assert.deepEqual(await texts(db), ['theirs', 'statement', 'transaction'])
  other.close()
  await db.close()
})

test('another process that writes for too long is database-unavailable, reads go on, and it recovers', async () => {
  const db = await openNotes('busy.db', { busyTimeoutMs: 30 })
  const other = new DatabaseSync(join(folder, 'busy.db'))
  other.exec('begin immediate')
  const write = db.query.insertInto('notes').values({ text: 'mine' })
  const isRefusal = (error: unknown): boolean => error instanceof Refusal && error.code === 'database-unavailable'
  await assert.rejects(write.execute(), isRefusal)
  await assert.rejects(
    db.transaction((trx) => trx.insertInto('notes').values({ text: 'mine' }).execute()),
    isRefusal,
  )
  assert.deepEqual(await texts(db), [])
  other.exec('rollback')
  await write.execute()
  assert.deepEqual(await texts(db), ['mine'])
  other.close()
  await db.close()
})

test('writes that arrive together are committed together, and one that meets a unique key fails alone', async () => {
  const db = await openNotes('together.db')
  await db.query.schema.createIndex('notes_text').unique().on('notes').column('text').execute()
  const other = new DatabaseSync(join(folder, 'together.db'))
  const { length: before } = readFileSync(join(folder, 'together.db-wal'))
  const write = async (text: string): Promise<number> => {
    await db.query.insertInto('notes').values({ text }).execute()
    // Before anything else happens: who is answered finds it committed, by whatever handle.
    return other.prepare('select text from notes where text = ?').all(text).length
  }
  const asked = Array.from({ length: 60 }, (_, n) => write(n === 30 ? 'note 29' : `note ${n}`))
  const answers = await Promise.allSettled(asked)
  const failed = answers.filter((answer) => answer.status === 'rejected')
  assert.deepEqual(
    failed.map(({ reason }) => isDuplicateKey(reason, 'notes_text')),
    [true],
  )
  assert.ok(answers.every((answer) => answer.status === 'rejected' || answer.value === 1))
  assert.equal((await texts(db)).length, 59)
  // Each commit writes at least a page of 4 KB into the log.
  const { length: after } = readFileSync(join(folder, 'together.db-wal'))
  assert.ok(after - before < 20 * 4_096, `${after - before} bytes`)
  other.close()
  await db.close()
})

test('writes that cannot be committed together have all failed, and what waits is bounded', async () => {
  const db = await openNotes('not-together.db', { busyTimeoutMs: 30, waitingMax: 10, writesTogetherMax: 4 })
  const other = new DatabaseSync(join(folder, 'not-together.db'))
  other.exec('begin immediate')
  const write = (n: number): Promise<unknown> =>
    db.query
      .insertInto('notes')
      .values({ text: `note ${n}` })
      .execute()
  const answers = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => write(n)))
  const told = answers.map((answer) => answer.status === 'rejected' && isUnavailable(answer.reason))
  assert.deepEqual(new Set(told), new Set([true]))
  other.exec('rollback')
  assert.deepEqual(await texts(db), [])
  await Promise.all(Array.from({ length: 10 }, (_, n) => write(n)))
  assert.equal((await texts(db)).length, 10)
  other.close()
  await db.close()
})

test('a full disk undoes all that was to be committed together, and later writes are well', async () => {
  const db = await openNotes('full-together.db')
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db.query)
  await sql`pragma max_page_count = ${sql.lit((rows[0]?.page_count ?? 0) + 1)}`.execute(db.query)
  const write = (text: string): Promise<unknown> => db.query.insertInto('notes').values({ text }).execute()
  const answers = await Promise.allSettled(['a', 'x'.repeat(100_000), 'b'].map(write))
  const kept = await texts(db)
  // What was answered is there, and nothing else.
  assert.deepEqual(
    kept,
    ['a', 'x', 'b'].filter((_, n) => answers[n]?.status === 'fulfilled'),
  )
  assert.ok(answers[1]?.status === 'rejected' && isUnavailable(answers[1].reason))
  await sql`pragma max_page_count = 100000`.execute(db.query)
  await write('c')
  assert.deepEqual(await texts(db), [...kept, 'c'])
  await db.close()
})

test('a transaction takes the write lock when it begins, so that what it read is still so when it writes', async () => {
  const db = await openNotes('immediate.db')
  const other = new DatabaseSync(join(folder, 'immediate.db'))
  await db.transaction(async (trx) => {
    assert.deepEqual(await trx.selectFrom('notes').selectAll().execute(), [])
    assert.throws(() => other.exec("insert into notes values ('theirs')"), /locked/)
    await trx.insertInto('notes').values({ text: 'mine' }).execute()
  })
  assert.deepEqual(await texts(db), ['mine'])
  other.close()
  await db.close()
})

test('a transaction that uses the outer handle is told so instead of waiting for itself', async () => {
  const db = await openNotes('itself.db', { acquireTimeoutMs: 20 })
  await assert.rejects(
    db.transaction(async () => await texts(db)),
    (error) => error instanceof Refusal && /handle other than its own/.test(String(error.cause)),
  )
  assert.deepEqual(await texts(db), [])
  await db.close()
})

test('a full disk undoes the transaction, is database-unavailable, and all is well when there is room', async () => {
  const db = await openNotes('full.db')
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db.query)
  await sql`pragma max_page_count = ${sql.lit((rows[0]?.page_count ?? 0) + 1)}`.execute(db.query)
  const writeMuch = (): Promise<unknown> =>
    db.transaction((trx) =>
      trx
        .insertInto('notes')
        .values({ text: 'x'.repeat(100_000) })
        .execute(),
    )
  await assert.rejects(writeMuch(), (error) => error instanceof Refusal && error.code === 'database-unavailable')
  assert.deepEqual(await texts(db), [])
  await sql`pragma max_page_count = 100000`.execute(db.query)
  await writeMuch()
  assert.equal((await texts(db)).length, 1)
  await db.close()
})

test('a changed table is seen by statements compiled before', async () => {
  const db = await openNotes('altered.db')
  await db.query.insertInto('notes').values({ text: 'a' }).execute()
  const all = db.query.selectFrom('notes').selectAll()
  assert.deepStrictEqual(await all.execute(), [{ text: 'a' }])
  await db.query.schema
    .alterTable('notes')
    .addColumn('more', 'integer', (column) => column.defaultTo(7))
    .execute()
  assert.deepStrictEqual(await all.execute(), [{ text: 'a', more: 7 }])
  await db.close()
})

test('more statements than are kept still run', async () => {
  const db = await openNotes('statements.db', { statementsMax: 3 })
  for (const round of [1, 2]) {
    for (let n = 0; n < 6; n += 1) {
      const { rows } = await sql<{ n: number }>`select ${sql.lit(n)} as n`.execute(db.query)
      assert.deepStrictEqual(rows, [{ n }], `round ${round}`)
    }
  }
  await db.close()
})

test('a handle that was never used closes its file', async () => {
  const isOpen = (): boolean =>
    readdirSync('/proc/self/fd').some((fd) => {
      const path = join('/proc/self/fd', fd)
      return existsSync(path) && readlinkSync(path).endsWith('unused.db')
    })
  const db = await openDatabase(`sqlite:///${folder}/unused.db`)
  assert.equal(isOpen(), true)
  await db.close()
  assert.equal(isOpen(), false)
})

test('a process on SQLite never loads the MySQL driver', async () => {
  const script = `
    const { openDatabase } = await import('@gatehouse/sql/database.ts')
    const db = await openDatabase('sqlite://:memory:')
    await db.ping()
    const { findPackageJSON } = await import('node:module')
    const { createRequire } = await import('node:module')
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter(path => path.includes('mysql2'))
    console.log('loaded', loaded.length)`
  const child = spawnNode(['--input-type=module', '-e', script], {}, { cwd: import.meta.dirname })
  await child.waitForLine(/loaded 0\n/)
  assert.deepEqual(await child.ended(), { code: 0, signal: null })
})
