import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import { startMysql, type TestMysql } from '@gatehouse/testing/mysql.ts'
import { startTcpProxy, type TcpProxy } from '@gatehouse/testing/tcp-proxy.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { suiteMigrations, type SuiteTables } from './database-suite.ts'
import { openDatabase, type Database } from './database.ts'
import type { Limits } from './limits.ts'
import { migrate } from './migrate.ts'

const shortTimes: Partial<Limits> = {
  connectionsMax: 4,
  acquireTimeoutMs: 1_000,
  connectTimeoutMs: 400,
  queryTimeoutMs: 1_500,
  lockWaitSeconds: 1,
  closeTimeoutMs: 200,
}

let server: TestMysql
let proxy: TcpProxy
let directUrl: string
let db: Database<SuiteTables>

before(async () => {
  server = await startMysql()
  proxy = await startTcpProxy(server)
  directUrl = await server.createDatabase('failures')
  db = await openDatabase<SuiteTables>(directUrl.replace(`:${server.port}/`, `:${proxy.port}/`), shortTimes)
  await migrate(db, { owner: 'suite', migrations: suiteMigrations })
})
beforeEach(async () => {
  await db.query.deleteFrom('accounts').execute()
  await db.query
    .insertInto('accounts')
    .values([account('ada'), account('bob')])
    .execute()
})
afterEach(() => proxy.heal())
after(async () => {
  await db.close()
  await proxy.close()
  await server.stop()
})

test('a deadlock is resolved by doing the whole transaction again', async () => {
  let attempts = 0
  const bothHold = Promise.withResolvers<void>()
  const holding = new Set<string>()
  const transfer = (from: string, to: string): Promise<void> =>
    db.transaction(async (trx) => {
      attempts += 1
      await trx.updateTable('accounts').set(minus).where('username', '=', from).execute()
      holding.add(from)
      if (holding.size === 2) bothHold.resolve()
      await bothHold.promise
      await trx.updateTable('accounts').set(plus).where('username', '=', to).execute()
    })
  await Promise.all([transfer('ada', 'bob'), transfer('bob', 'ada')])
  assert.equal(attempts, 3, 'one of the two began anew')
  assert.deepEqual(await balances(), [100, 100])
})

test('a row that stays locked is refused after the retries, and nothing of the attempts remains', async () => {
  const release = Promise.withResolvers<void>()
  const isLocked = Promise.withResolvers<void>()
  const holder = db.transaction(async (trx) => {
    await trx.updateTable('accounts').set(plus).where('username', '=', 'bob').execute()
    isLocked.resolve()
    await release.promise
  })
  await isLocked.promise
  const impatient = await openDatabase<SuiteTables>(directUrl, { ...shortTimes, retries: 1 })
  let attempts = 0
  await refusesAsUnavailable(
    impatient.transaction(async (trx) => {
      attempts += 1
      await trx.updateTable('accounts').set(plus).where('username', '=', 'ada').execute()
      await trx.updateTable('accounts').set(plus).where('username', '=', 'bob').execute()
    }),
  )
  assert.equal(attempts, 2)
  release.resolve()
  await holder
  assert.deepEqual(await balances(), [100, 101])
  await impatient.close()
})

test('a cut connection is refused, not pooled, and all is well when the network is', async () => {
  await db.ping()
  proxy.cut()
  await refusesAsUnavailable(db.ping())
  await refusesAsUnavailable(db.transaction((trx) => trx.selectFrom('accounts').selectAll().execute()))
  proxy.heal()
  await db.ping()
  assert.deepEqual(await balances(), [100, 100])
})

test('a connection cut inside a transaction undoes it, without a second attempt', async () => {
  let attempts = 0
  await refusesAsUnavailable(
    db.transaction(async (trx) => {
      attempts += 1
      await trx.updateTable('accounts').set(plus).execute()
      proxy.cut()
      await trx.updateTable('accounts').set(plus).execute()
    }),
    /ECONNRESET|PROTOCOL_CONNECTION_LOST/,
  )
  proxy.heal()
  assert.equal(attempts, 1)
  await waitFor(async () => (await balances()).join() === '100,100', {
    what: 'the server to undo the lost transaction',
  })
})

test('a connection lost during COMMIT is refused and not repeated: nobody knows what happened', async () => {
  let attempts = 0
  await refusesAsUnavailable(
    db.transaction(async (trx) => {
      attempts += 1
      await trx.updateTable('accounts').set(plus).where('username', '=', 'ada').execute()
      // From here on the server's answers are lost: the COMMIT arrives late or never.
      proxy.stall()
    }),
  )
  assert.equal(attempts, 1)
  proxy.heal()
  await db.ping()
})

test('connections that a router forgot cost one time-out, not one each', async () => {
  await Promise.all(Array.from({ length: 4 }, () => sql`select sleep(0.05)`.execute(db.query)))
  assert.ok(proxy.connections() >= 4)
  proxy.forget()
  await refusesAsUnavailable(db.ping())
  const begun = performance.now()
  for (let turn = 0; turn < 4; turn += 1) await db.ping()
  assert.ok(performance.now() - begun < 1_000, 'a silent connection was used')
})

test('a half-open network is refused in time, and used again when it is whole', async () => {
  proxy.stall()
  const begun = performance.now()
  await Promise.all(Array.from({ length: 10 }, () => refusesAsUnavailable(db.ping())))
  assert.ok(performance.now() - begun < 4_000)
  proxy.heal()
  const healed = performance.now()
  for (let turn = 0; turn < 4; turn += 1) await db.ping()
  assert.ok(performance.now() - healed < 1_000)
})

test('a server that hangs is refused in time, and used again when it goes on', async () => {
  await db.ping()
  server.pause()
  const begun = performance.now()
  try {
    await Promise.all(Array.from({ length: 10 }, () => refusesAsUnavailable(db.ping())))
    assert.ok(performance.now() - begun < 4_000)
  } finally {
    server.resume()
  }
  await db.ping()
})

test('a killed server is refused at once and found again after its restart', async () => {
  await server.kill()
  const begun = performance.now()
  await refusesAsUnavailable(db.ping())
  await refusesAsUnavailable(db.ping())
  assert.ok(performance.now() - begun < 1_000)
  await server.restart()
  await db.ping()
  assert.deepEqual(await balances(), [100, 100])
})

test('a connection to a server that became read-only is destroyed, so that a new primary is found', async () => {
  const before = await connectionIds()
  await server.execute('set global read_only = 1')
  try {
    for (let turn = 0; turn < 6; turn += 1)
      await refusesAsUnavailable(db.query.updateTable('accounts').set(plus).execute())
    await refusesAsUnavailable(db.transaction((trx) => trx.updateTable('accounts').set(plus).execute()))
  } finally {
    await server.execute('set global read_only = 0')
  }
  await db.query.updateTable('accounts').set(plus).execute()
  assert.deepEqual(await balances(), [101, 101])
  const after = await connectionIds()
  assert.deepEqual(
    after.filter((id) => before.includes(id)),
    [],
  )
})

test('a statement that the administrator killed is refused, and so is one on a killed connection', async () => {
  for (const kill of ['kill query', 'kill']) {
    const slow = refusesAsUnavailable(sql`select sleep(1.2) /* victim */ from accounts`.execute(db.query))
    await waitFor(
      async () => {
        const [victim] = await server.execute(
          "select id from information_schema.processlist where info like '%victim%' and info not like '%processlist%'",
        )
        if (victim === undefined) return false
        await server.execute(`${kill} ${Number(victim['id'] ?? victim['ID'])}`)
        return true
      },
      { what: 'the slow statement' },
    )
    await slow
    await db.ping()
  }
})

test('the session is strict, in UTC and READ COMMITTED, whatever the server says', async () => {
  await server.execute("set global sql_mode = '', global time_zone = '+05:00'")
  const fresh = await openDatabase<SuiteTables>(directUrl)
  // The isolation level is `tx_isolation` on MariaDB, `transaction_isolation` on MySQL.
  const valueOf = async (name: string): Promise<unknown> => {
    const { rows } = await sql<{
      Value: string
    }>`show session variables where variable_name in (${name}, ${name.replace('transaction', 'tx')})`.execute(
      fresh.query,
    )
    return rows[0]?.Value
  }
  try {
    const tooLong = { ...account('x'.repeat(81)) }
    await assert.rejects(fresh.query.insertInto('accounts').values(tooLong).execute(), /Data too long/)
    const [zone, level] = await Promise.all([valueOf('time_zone'), valueOf('transaction_isolation')])
    assert.deepStrictEqual([zone, level], ['+00:00', 'READ-COMMITTED'])
  } finally {
    await fresh.close()
  }
})

test('a wrong password is a refusal whose cause, for the log alone, says so and holds no secret', async () => {
  const url = new URL(directUrl)
  url.password = 'hunter2'
  const stranger = await openDatabase<SuiteTables>(url.href)
  const refusal: unknown = await stranger.ping().catch((error: unknown) => error)
  assert.ok(refusal instanceof Refusal && refusal.code === 'database-unavailable')
  assert.match(String(refusal.cause), /Access denied/)
  assert.doesNotMatch(String(refusal.cause), /hunter2/)
  await stranger.close()
})

test('closing does not wait for a network that is gone', async () => {
  const other = await openDatabase<SuiteTables>(directUrl.replace(`:${server.port}/`, `:${proxy.port}/`), shortTimes)
  await other.ping()
  const hanging = refusesAsUnavailable(sql`select sleep(1.3)`.execute(other.query))
  await waitFor(() => proxy.connections() > 0, { what: 'a connection' })
  proxy.stall()
  const begun = performance.now()
  await other.close()
  assert.ok(performance.now() - begun < 1_000)
  await hanging
})

const account = (name: string) => ({ username: name, email: `${name}@example.org`, balance: 100, picture: null })

const plus = { balance: sql<number>`balance + 1` }
const minus = { balance: sql<number>`balance - 1` }

const balances = async (): Promise<readonly number[]> => {
  const rows = await db.query.selectFrom('accounts').select('balance').orderBy('username').execute()
  return rows.map(({ balance }) => balance)
}

const connectionIds = async (): Promise<readonly number[]> => {
  // Enough at once to meet every connection of the pool.
  const results = await Promise.all(
    Array.from({ length: 12 }, () => sql<{ id: number }>`select connection_id() as id, sleep(0.02)`.execute(db.query)),
  )
  return [...new Set(results.flatMap(({ rows }) => rows.map(({ id }) => id)))]
}

const refusesAsUnavailable = async (work: Promise<unknown>, cause = /./): Promise<void> => {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof Refusal, `not a refusal: ${String(error)}`)
    assert.equal(error.code, 'database-unavailable')
    assert.ok(error.cause instanceof Error, 'the log needs the cause')
    assert.match(`${error.cause.message} ${'code' in error.cause ? String(error.cause.code) : ''}`, cause)
    return true
  })
}
