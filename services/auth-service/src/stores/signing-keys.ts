import type { JWK } from 'jose'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import { isDuplicateKey } from '@gatehouse/sql/failures.ts'
import type { NewSigningKey, SigningKeys } from '../ports.ts'
import type { Tables } from './tables.ts'

/**
 * Signing keys in SQL. A unique index on the place lets one process of many make the first key, and the others find it.
 */
export const signingKeys = (database: Database<Tables>, clock: Clock): SigningKeys => ({
  list: async () => {
    const rows = await database.query.selectFrom('signing_keys').selectAll().orderBy('created_at').execute()
    return rows.map(({ kid, place, public_jwk, sealed_private_key, created_at, activated_at }) => ({
      kid,
      state: place ?? 'retired',
      // Written by `rowOf` below.
      publicJwk: JSON.parse(public_jwk) as JWK,
      sealedPrivateKey: sealed_private_key,
      createdAt: created_at,
      activatedAt: activated_at ?? undefined,
    }))
  },

  add: async (key) => {
    try {
      await database.query.insertInto('signing_keys').values(rowOf(key, clock.now())).execute()
      return 'added'
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      return 'place-taken'
    }
  },

  rotate: (currentKid, next) =>
    database.transaction(async (trx) => {
      const now = clock.now()
      const { numUpdatedRows } = await trx
        .updateTable('signing_keys')
        .set({ place: null, retired_at: now })
        .where('kid', '=', currentKid)
        .where('place', '=', 'current')
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return false
      await trx
        .updateTable('signing_keys')
        .set({ place: 'current', activated_at: now })
        .where('place', '=', 'next')
        .execute()
      await trx.insertInto('signing_keys').values(rowOf(next, now)).execute()
      return true
    }),

  remove: async (kid) => {
    const { numDeletedRows } = await database.query
      .deleteFrom('signing_keys')
      .where('kid', '=', kid)
      .where('place', 'is', null)
      .executeTakeFirst()
    return numDeletedRows > 0n
  },
})

const rowOf = ({ kid, state, publicJwk, sealedPrivateKey }: NewSigningKey, now: number): Tables['signing_keys'] => ({
  kid,
  place: state === 'retired' ? null : state,
  public_jwk: JSON.stringify(publicJwk),
  sealed_private_key: sealedPrivateKey,
  created_at: now,
  activated_at: state === 'current' ? now : null,
  retired_at: state === 'retired' ? now : null,
})
