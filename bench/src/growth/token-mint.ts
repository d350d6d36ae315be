import { tokenReader } from '@gatehouse/access-tokens/token-reader.ts'
import { accessTokens } from '@gatehouse/auth-service/access-tokens.ts'
import { keySeal } from '@gatehouse/auth-service/key-seal.ts'
import { openKeyring } from '@gatehouse/auth-service/keyring.ts'
import { signingKeys } from '@gatehouse/auth-service/stores/signing-keys.ts'
import type { Tables } from '@gatehouse/auth-service/stores/tables.ts'
import { systemClock, systemIds } from '@gatehouse/platform/clock.ts'
import { openDatabase } from '@gatehouse/sql/database.ts'
import type { SeededPeople } from '../seed/seeded-people.ts'

/** Makes access tokens of seeded sessions: a million logins would be hashed for most of a day. */
export type TokenMint = {
  /** The token of this session, the same one each time. */
  readonly tokenOf: (session: number) => string
  readonly close: () => Promise<void>
}

type Plan = { readonly authDatabaseUrl: string; readonly secret: string; readonly people: SeededPeople }

/** Opens the keys of a house that has been started. */
export const openTokenMint = async ({ authDatabaseUrl, secret, people }: Plan): Promise<TokenMint> => {
  const database = await openDatabase<Tables>(authDatabaseUrl)
  const clock = systemClock
  const keyring = await openKeyring({
    store: signingKeys(database, clock),
    seal: keySeal(secret, systemIds.bytes),
    log: silent,
    clock,
  })
  const names = { issuer: 'gatehouse', audience: 'gatehouse' }
  const { issue } = accessTokens({
    ...names,
    keyring,
    clock,
    ids: systemIds,
    reader: tokenReader({ ...names, keys: keyring, clock }),
    sessions: { standing: async () => undefined, seen: async () => {} },
    ttlSeconds: 86_400,
  })
  const made = new Map<number, string>()
  return {
    tokenOf: (number) => {
      const known = made.get(number)
      if (known !== undefined) return known
      const { id, startedAt } = people.session(number)
      const { publicId } = people.person(people.ownerOf(number))
      const { token } = issue({ publicId, epoch: 0 }, { id, expiresAt: startedAt + 30 * 86_400_000 })
      made.set(number, token)
      return token
    },
    close: async () => {
      keyring.stop()
      await database.close()
    },
  }
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
