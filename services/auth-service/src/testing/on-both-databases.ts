import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite } from 'node:test'
import type { TestDatabase } from '@gatehouse/testing/mysql-database.ts'
import { freshMysqlDatabase } from '@gatehouse/testing/mysql.ts'
import { authWorld, type AuthWorld } from './auth-world.ts'

/** Two replicas of auth-service: each with a handle of its own on one database, and one clock for both. */
export type Replicas = { readonly one: AuthWorld; readonly two: AuthWorld }

/** Declares a suite twice: on a SQLite file and on MySQL. `given` answers the replicas once the tests run. */
export const onBothDatabases = (name: string, declareTests: (given: () => Replicas) => void): void => {
  for (const [dialect, open] of [
    ['SQLite', freshSqliteFile],
    ['MySQL', freshMysqlDatabase],
  ] as const) {
    suite(`${name}, on ${dialect}`, () => {
      let replicas: Replicas | undefined
      let drop: () => Promise<void>
      before(async () => {
        const database = await open()
        drop = database.drop
        const one = await authWorld(database.url)
        replicas = { one, two: await authWorld(database.url, { clock: one.clock, seed: 'two' }) }
      })
      after(async () => {
        await Promise.all([replicas?.one.close(), replicas?.two.close()])
        await drop()
      })
      declareTests(() => {
        if (replicas === undefined) throw new Error('the replicas are there once the tests run')
        return replicas
      })
    })
  }
}

const freshSqliteFile = async (): Promise<TestDatabase> => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-auth-'))
  return { url: `sqlite:///${join(folder, 'auth.db')}`, drop: () => rm(folder, { recursive: true, force: true }) }
}
