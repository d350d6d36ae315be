import { deepEqual, ok } from 'node:assert/strict'
import { suite, test } from 'node:test'
import { CompiledQuery, type KyselyPlugin, type RootOperationNode } from 'kysely'
import { openDatabase, type Database } from '@gatehouse/sql/database.ts'
import { migrate } from '@gatehouse/sql/migrate.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { authMigrations } from '../migrations/migrations.ts'
import { accounts } from './accounts.ts'
import { attemptLog } from './attempt-log.ts'
import { eventLog } from './event-log.ts'
import { sessions } from './sessions.ts'
import { sweepOnce } from './sweep.ts'
import type { Tables } from './tables.ts'

const accessTokenTtlMs = 86_400_000
const clock = movableClock()

/** The stores, on a database whose statements are written down. */
const stores = async () => {
  const database = await openDatabase<Tables>('sqlite://:memory:')
  await migrate(database, authMigrations)
  const asked: RootOperationNode[] = []
  const listener: KyselyPlugin = {
    transformQuery: ({ node }) => {
      asked.push(node)
      return node
    },
    transformResult: async ({ result }) => result,
  }
  const query = database.query.withPlugin(listener)
  const heard: Database<Tables> = {
    ...database,
    query,
    unflushed: query,
    transaction: (work) => query.transaction().execute(work),
  }
  const log = eventLog({ database: heard, clock, committed: () => {} })
  return {
    accounts: accounts({ database: heard, log, clock, accessTokenTtlMs }),
    sessions: sessions({ database: heard, log, clock, accessTokenTtlMs }),
    attempts: attemptLog(heard, clock),
    log,
    sweep: () => sweepOnce({ database: heard, clock, accessTokenTtlMs }),
    /** What SQLite would go through from end to end for the statements so far. */
    dear: () => dearSteps(database, asked.splice(0)),
  }
}

const dearSteps = async ({ query }: Database<Tables>, asked: readonly RootOperationNode[]) => {
  const executor = query.getExecutor()
  const found: string[] = []
  for (const node of asked) {
    const { sql, parameters } = executor.compileQuery(node, { queryId: '' })
    // Those that were prepared are heard when the stores are made, with names in the place of values.
    const values = parameters.map((value) => (typeof value === 'symbol' ? null : value))
    const plan = CompiledQuery.raw(`explain query plan ${sql}`, values)
    // The column is SQLite's own.
    const { rows } = (await query.executeQuery(plan)) as { readonly rows: readonly { readonly detail: string }[] }
    for (const { detail } of rows) if (isDear(detail)) found.push(`${detail}: ${sql}`)
  }
  ok(asked.length > 0)
  return found
}

/** The one row that stands for nobody is gone through, and the handful of keys. */
const isDear = (detail: string): boolean => /^SCAN (?!CONSTANT ROW|signing_keys)/.test(detail)

type Stores = Awaited<ReturnType<typeof stores>>

const session = { id: 's', accountId: 'a', address: '::1', userAgent: undefined, epoch: 0, refreshHash: 'h' }

const rows: readonly (readonly [string, (given: Stores) => Promise<unknown>])[] = [
  ['a login by address', ({ accounts }) => accounts.findByEmail('ada@example.org')],
  ['a login by name', ({ accounts }) => accounts.findByUsername('ada')],
  ['the account of a caller', ({ accounts }) => accounts.findByPublicId('p')],
  ['what an account shows', ({ accounts }) => accounts.describe('p')],
  ['whether an address is known', ({ sessions }) => sessions.knowsAddress('a', '::1')],
  ['a guess that is counted', ({ attempts }) => attempts.reserve('bucket')],
  ['a guess that is forgotten', ({ attempts }) => attempts.clear('bucket')],
  ['a guess that is given back', ({ attempts }) => attempts.release('bucket')],
  ['the start of a session', ({ sessions }) => sessions.start({ ...session, expiresAt: 1, tokenExpiresAt: 1 })],
  ['how a session stands', ({ sessions }) => sessions.standing('s')],
  ['a session that is seen', ({ sessions }) => sessions.seen('s')],
  ['the list of sessions', ({ sessions }) => sessions.listLiving('p', 100)],
  [
    'a refresh',
    ({ sessions }) => sessions.rotate({ sessionId: 's', from: 'h', to: 'i', sealedSuccessor: 'x', address: '::1' }),
  ],
  ['the end of a session', ({ sessions }) => sessions.end('s')],
  ['the end of all of them', ({ sessions }) => sessions.endAll('p', undefined)],
  ['the end of an account', ({ accounts }) => accounts.delete('a')],
  ['what is in force', ({ log }) => log.readInForce(0, 1_000)],
  ['what is new', ({ log }) => log.readAfter(0, 1_000)],
  ['a sweep', ({ sweep }) => sweep()],
]

suite('nothing is gone through from end to end, however many people there are', () => {
  for (const [what, work] of rows) {
    test(`for ${what}`, async () => {
      const given = await stores()
      // That there is nobody is of no account: the plan is made before anything is found.
      await work(given).catch(() => {})
      deepEqual(await given.dear(), [])
    })
  }
})
