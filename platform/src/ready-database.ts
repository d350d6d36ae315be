import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '@gatehouse/sql/database.ts'
import { isUnavailable } from '@gatehouse/sql/failures.ts'
import { limits } from './limits.ts'
import { migrateOrRefuse } from './migrate.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * The database of a service, reached and up to date. Waits for one that is still starting: nobody starts things in
 * perfect order.
 */
export const readyDatabase = async <Tables>(
  { adapters, readiness, log, clock }: Pick<Surroundings, 'adapters' | 'readiness' | 'log' | 'clock'>,
  service: 'auth-service' | 'user-service',
): Promise<Database<Tables>> => {
  const database = await adapters.database<Tables>(service)
  const startedAt = clock.monotonic()
  for (let attempt = 1; ; attempt += 1) {
    try {
      await database.ping()
      break
    } catch (error) {
      if (!isUnavailable(error) || clock.monotonic() - startedAt > limits.databaseWaitMs) {
        throw new Error(`The database of ${service} cannot be reached.`, { cause: error })
      }
      if (attempt === 1) log.warn({ service, err: error }, 'the database cannot be reached; waiting for it')
    }
    await delay(pauseMs)
  }
  await migrateOrRefuse(database, service)
  readiness.check(`database of ${service}`, async () => {
    await database.ping()
    return undefined
  })
  return database
}

const pauseMs = 250
