import { keySeal } from '@gatehouse/auth-service/key-seal.ts'
import { makeSigningKey } from '@gatehouse/auth-service/keyring.ts'
import { authMigrations } from '@gatehouse/auth-service/migrations/migrations.ts'
import type { SigningKeys } from '@gatehouse/auth-service/ports.ts'
import { signingKeys } from '@gatehouse/auth-service/stores/signing-keys.ts'
import type { Tables } from '@gatehouse/auth-service/stores/tables.ts'
import { openDatabase, type Database } from '@gatehouse/sql/database.ts'
import { isUnavailable } from '@gatehouse/sql/failures.ts'
import { pendingMigrations } from '@gatehouse/sql/migrate.ts'
import { databaseUrl } from './adapters.ts'
import { systemClock, systemIds } from './clock.ts'
import { generatedSecret } from './generated-secret.ts'
import type { Settings } from './settings.ts'

/** What can be done with the signing keys, on the database, while auth-services run: they follow within 15 seconds. */
export const manageKeys = async (
  settings: Settings,
  [action = 'list', kid, ...more]: readonly string[],
): Promise<void> => {
  const database = await openDatabase<Tables>(databaseUrl(settings, 'auth-service'))
  try {
    await beReady(database)
    const store = signingKeys(database, systemClock)
    if (action === 'list' && kid === undefined) process.stdout.write(await listed(store))
    else if (action === 'rotate' && kid === undefined) process.stdout.write(await rotated(store, settings))
    else if (action === 'remove' && kid !== undefined && more.length === 0)
      process.stdout.write(await removed(store, kid))
    else throw new KeysFault('keys list, keys rotate, or keys remove KID')
  } finally {
    await database.close()
  }
}

/** Something about the keys that whoever typed the command can mend. */
export class KeysFault extends Error {}

/** A database that is away, or that nobody has used yet, is told in words: this is typed at night. */
const beReady = async (database: Database<Tables>): Promise<void> => {
  let pending: readonly string[]
  try {
    pending = await pendingMigrations(database, authMigrations)
  } catch (error) {
    if (!isUnavailable(error)) throw error
    throw new KeysFault('The database of auth-service cannot be reached. Nothing was changed.')
  }
  if (pending.length > 0)
    throw new KeysFault('The database of auth-service is not there yet, or an old one: start auth-service, or migrate.')
}

/** Every node has fetched the keys at least once in this time: before it, a key must not sign. */
const knownToAllMs = 60_000

const listed = async (store: SigningKeys): Promise<string> => {
  const keys = await store.list()
  const rows = keys.map(({ kid, state, createdAt, activatedAt }) => {
    const since = activatedAt === undefined ? '' : `, signing since ${day(activatedAt)}`
    return `${kid}  ${state.padEnd(8)} made ${day(createdAt)}${since}`
  })
  return rows.length === 0 ? 'No keys yet: the first start of auth-service makes them.\n' : `${rows.join('\n')}\n`
}

const rotated = async (store: SigningKeys, settings: Settings): Promise<string> => {
  const keys = await store.list()
  const current = keys.find(({ state }) => state === 'current')
  const next = keys.find(({ state }) => state === 'next')
  if (current === undefined || next === undefined)
    throw new KeysFault('There are no keys yet: start auth-service first.')
  const ageMs = systemClock.now() - next.createdAt
  if (ageMs < knownToAllMs) {
    const waitSeconds = Math.ceil((knownToAllMs - ageMs) / 1000)
    throw new KeysFault(`The next key is too new to be known everywhere: try again in ${waitSeconds} seconds.`)
  }
  const seal = keySeal(settings.JWT_SECRET_KEY ?? generatedSecret(settings.DATA_DIR, systemIds.bytes), systemIds.bytes)
  // A secret that does not open the key at hand would seal one that no auth-service can open.
  try {
    seal.open(current.kid, current.sealedPrivateKey)
  } catch {
    throw new KeysFault('JWT_SECRET_KEY is not the one that the keys were sealed under.')
  }
  if (!(await store.rotate(current.kid, await makeSigningKey('next', seal))))
    throw new KeysFault('Somebody else has just rotated.')
  return `${next.kid} signs from now on. ${current.kid} still verifies what it has signed.\n`
}

const removed = async (store: SigningKeys, kid: string): Promise<string> => {
  if (!(await store.remove(kid)))
    throw new KeysFault(`${kid} is not a retired key: rotate first, then remove the one that was current.`)
  return `${kid} is removed. What it has signed is refused everywhere within a minute.\n`
}

const day = (at: number): string => new Date(at).toISOString()
