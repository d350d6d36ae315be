import { startMysql } from '@gatehouse/testing/mysql.ts'
import { startRedis } from '@gatehouse/testing/redis.ts'
import { seedDatabases } from '../seed/seed-databases.ts'
import type { SeededPeople } from '../seed/seeded-people.ts'
import { startThreeProcesses, type ThreeProcesses } from './three-processes.ts'
import { openTokenMint, type TokenMint } from './token-mint.ts'

type Plan = {
  readonly users: number
  readonly sessionsEach: number
  readonly revocations: number
  /** Of MariaDB, in megabytes: as an operator would give it, so that what is measured is not the disk. */
  readonly bufferPoolMb: number
}

/** Three processes on a MariaDB and a Redis of their own, with so many people in them. */
export type GrownHouse = ThreeProcesses & {
  readonly users: number
  readonly people: SeededPeople
  readonly mint: TokenMint
  /** So many of the oldest sessions have been ended. */
  readonly revocations: number
  readonly seedSeconds: number
}

/** Everybody's. */
export const seededPassword = 'everybody-has-this-one'

const secret = '0123456789abcdef0123456789abcdef'

/** Starts the servers, fills the databases, and starts the processes. */
export const startGrownHouse = async ({ bufferPoolMb, ...size }: Plan): Promise<GrownHouse> => {
  await using ending = new AsyncDisposableStack()
  const mysql = await startMysql()
  ending.defer(mysql.stop)
  await mysql.execute(`set global innodb_buffer_pool_size = ${bufferPoolMb * 2 ** 20}`)
  const redis = await startRedis()
  ending.defer(redis.stop)
  const urls = {
    authDatabaseUrl: await mysql.createDatabase('auth'),
    userDatabaseUrl: await mysql.createDatabase('users'),
    secret,
  }
  const begun = performance.now()
  const people = await seedDatabases({ ...size, ...urls, password: seededPassword, at: Date.now() })
  const seedSeconds = Math.round((performance.now() - begun) / 1_000)
  const processes = await startThreeProcesses({ ...urls, redisUrl: redis.url })
  ending.defer(processes.stop)
  const mint = await openTokenMint({ ...urls, people })
  ending.defer(mint.close)
  const everything = ending.move()
  return {
    ...processes,
    users: size.users,
    revocations: size.revocations,
    people,
    mint,
    seedSeconds,
    stop: () => everything.disposeAsync(),
  }
}
