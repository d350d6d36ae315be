import assert from 'node:assert/strict'
import type { Client } from './client.ts'
import { standing } from './expect.ts'

/** Asks without a pause until the token is refused as revoked; when that answer came. Until then it must be good. */
export const firstRefused = async (door: Client, token: string, patienceMs: number): Promise<number> => {
  const begin = performance.now()
  for (;;) {
    const word = await standing(door, token, '/users/profile')
    const now = performance.now()
    if (word === 'token-revoked') return now
    assert.equal(word, 'good')
    assert.ok(now - begin < patienceMs, `${door.origin} still accepts it`)
  }
}
