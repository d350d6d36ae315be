import type { JWK } from 'jose'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import { isDuplicateKey } from '@gatehouse/sql/failures.ts'
import type { SigningKeys } from '../ports.ts'
import type { Tables } from './tables.ts'

/**
 * Signing keys in SQL. A unique index on the place lets one process of many make the first key, and the others find it.
 */
export const signingKeys = (database: Database<Tables>, clock: Clock): SigningKeys => ({
  list: async () => {
    const rows = await database.query.selectFrom('signing_keys').selectAll().orderBy('created_at').execute()
    return rows.map(({ kid, place, public_jwk, sealed_private_key }) => ({
      kid,
      state: place ?? 'retired',
      // Written by `add` below.
      publicJwk: JSON.parse(public_jwk) as JWK,
      sealedPrivateKey: sealed_private_key,
    }))
  },

  add: async ({ kid, state, publicJwk, sealedPrivateKey }) => {
    const row = {
      kid,
      place: state === 'retired' ? null : state,
      public_jwk: JSON.stringify(publicJwk),
      sealed_private_key: sealedPrivateKey,
      created_at: clock.now(),
    }
    try {
      await database.query.insertInto('signing_keys').values(row).execute()
      return 'added'
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      return 'place-taken'
    }
  },
})
