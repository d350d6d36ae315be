import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { sql, type Kysely } from 'kysely'
import { isUnavailable } from './failures.ts'
import { defaultLimits } from './limits.ts'
import { openSqliteFile } from './sqlite-file.ts'
import { openSqlite } from './sqlite.ts'
import { flushesBy, walSync, type Sync } from './wal-flushes.ts'

type Tables = { readonly notes: { readonly text: string } }

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-wal-'))
after(() => rmSync(folder, { recursive: true }))

/** A disk that takes what was written when it is told to. */
const slowDisk = () => {
  const begun: ((error: Error | null) => void)[] = []
  const sync: Sync = { start: (done) => void begun.push(done), close: () => {} }
  const end = (error: Error | null = null): void => begun.shift()?.(error)
  return { sync, begun, end }
}

const open = (name: string, sync: Sync) => {
  const path = join(folder, name)
  const db = openSqlite<Tables>({ dialect: 'sqlite', path }, defaultLimits, () => sync)
  const file = new DatabaseSync(path)
  file.exec('create table if not exists notes (text text unique)')
  file.close()
  return { ...db, path }
}
const add = (query: Kysely<Tables>, text: string): Promise<unknown> =>
  query.insertInto('notes').values({ text }).execute()

/** Everything that could have gone on has gone on. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
const isAnswered = async (promise: Promise<unknown>): Promise<boolean> => {
  const [first] = await Promise.all([Promise.race([promise.then(() => true), settled().then(() => false)]), settled()])
  return first
}

test('one flush at a time, and what is committed meanwhile waits for the next, all of it for the same', async () => {
  const { sync, begun, end } = slowDisk()
  const { flushed } = flushesBy(sync)
  const [first, second, third] = [flushed(), flushed(), flushed()]
  assert.equal(begun.length, 1)
  end()
  await first
  assert.equal(await isAnswered(second), false)
  assert.equal(begun.length, 1)
  end()
  await Promise.all([second, third])
  assert.equal(begun.length, 0)
})

test('a disk that fails is database-unavailable for those who waited for it, and for nobody after them', async () => {
  const { sync, end } = slowDisk()
  const { flushed } = flushesBy(sync)
  const [first, second] = [flushed(), flushed()]
  end(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))
  await assert.rejects(first, isUnavailable)
  end()
  await second
})

const ways: Readonly<Record<string, (query: Kysely<Tables>, text: string) => Promise<unknown>>> = {
  'a write': add,
  'a write by hand': (query, text) => sql`insert into notes values (${text}) returning text`.execute(query),
  'a transaction': (query, text) => query.transaction().execute((trx) => add(trx, text)),
  'a new table': (query, text) => query.schema.createTable(text).addColumn('id', 'integer').execute(),
}
for (const [name, write] of Object.entries(ways)) {
  test(`${name} is answered when it is on the disk, and not if the disk fails`, async () => {
    const { sync, begun, end } = slowDisk()
    const { query } = open('each.db', sync)
    const written = write(query, name.replaceAll(' ', '_'))
    assert.equal(await isAnswered(written), false)
    assert.equal(begun.length, 1)
    end()
    await written
    const lost = write(query, `${name.replaceAll(' ', '_')}_again`)
    await settled()
    end(new Error('EIO'))
    await assert.rejects(lost, isUnavailable)
  })
}

test('reads, and what need not be flushed, wait for nothing; nor does anybody while the disk is waited for', async () => {
  const { sync, begun, end } = slowDisk()
  const { query, unflushed } = open('going-on.db', sync)
  const first = query.transaction().execute((trx) => add(trx, 'first'))
  await settled()
  await add(unflushed, 'unflushed')
  const second = query.transaction().execute((trx) => add(trx, 'second'))
  await settled()
  const rows = await query.selectFrom('notes').select('text').execute()
  assert.deepEqual(
    rows.map(({ text }) => text),
    ['first', 'unflushed', 'second'],
  )
  assert.equal(begun.length, 1)
  end()
  await first
  assert.equal(await isAnswered(second), false)
  end()
  await second
})

test('a commit that did not reach the disk undoes nothing of the transaction that is under way by then', async () => {
  const { sync, end } = slowDisk()
  const { query } = open('others.db', sync)
  const lost = query.transaction().execute((trx) => add(trx, 'lost'))
  await settled()
  const inside = Promise.withResolvers<void>()
  const other = query.transaction().execute(async (trx) => {
    await add(trx, 'other')
    await inside.promise
  })
  await settled()
  end(new Error('EIO'))
  await assert.rejects(lost, isUnavailable)
  inside.resolve()
  await settled()
  end()
  await other
  const rows = await query.selectFrom('notes').select('text').where('text', '=', 'other').execute()
  assert.equal(rows.length, 1)
})

test('what was answered is there after a power cut: on the disk is what it was told to take, and no more', async () => {
  const disk = join(folder, 'disk.db')
  let took = 0
  const { path, query, unflushed, close } = open('power.db', {
    // The least that a disk may keep: the files as they are when it is told, and nothing that comes later.
    start: (done) => {
      copyFileSync(path, disk)
      copyFileSync(`${path}-wal`, `${disk}-wal`)
      took += 1
      setImmediate(() => setImmediate(done, null))
    },
    close: () => {},
  })
  const answered: string[] = []
  const write = async (text: string, act: () => Promise<unknown>): Promise<void> => {
    await act()
    answered.push(text)
  }
  for (let round = 0; round < 30; round += 1) {
    await Promise.all([
      write(`single ${round}`, () => add(query, `single ${round}`)),
      write(`both ${round}`, () => query.transaction().execute((trx) => add(trx, `both ${round}`))),
      add(unflushed, `unflushed ${round}`),
    ])
    const [afterCut, seen] = [join(folder, 'cut.db'), [...answered]]
    copyFileSync(disk, afterCut)
    copyFileSync(`${disk}-wal`, `${afterCut}-wal`)
    const cut = new DatabaseSync(afterCut)
    const kept = new Set(
      cut
        .prepare('select text from notes')
        .all()
        .map(({ text }) => text),
    )
    cut.close()
    assert.deepEqual(
      seen.filter((text) => !kept.has(text)),
      [],
      `round ${round}`,
    )
  }
  assert.ok(took >= 30)
  await close()
})

test('the log itself is what is flushed, and no other file', async () => {
  const file = openSqliteFile(join(folder, 'log.db'))
  const { start, close } = walSync(file)
  file.exec('create table notes (text text)')
  assert.equal(await new Promise((resolve) => start(resolve)), null)
  close()
  // Closed with it: another one of this name fails, and does not wait.
  await assert.rejects(new Promise((_, reject) => start(reject)), { code: 'EBADF' })
  file.close()
})
