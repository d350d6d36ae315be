import { describe, test, type TestContext } from 'node:test'
import { keyRotation } from '../prove/key-rotation.ts'
import type { Proof } from '../prove/proof.ts'
import { redisChaos } from '../prove/redis-chaos.ts'
import { revocation } from '../prove/revocation.ts'

const small = async <Size>(t: TestContext, { run, small }: Proof<Size>): Promise<void> => {
  for (const [figure, value] of Object.entries(await run(small))) t.diagnostic(`${figure}: ${value}`)
}

describe('two houses at once', { concurrency: true }, () => {
  // It mostly waits for auth-service to look at its keys again: the others can use that time.
  test('the signing key is rotated: no valid token is refused', (t) => small(t, keyRotation))

  describe('one after the other', { concurrency: 1 }, () => {
    test('a logout is refused by every other node at once, and by one that is cut off when its lease is over', (t) =>
      small(t, revocation))

    test('Redis is flushed, killed and stopped: no request fails, and nothing ended comes back to life', (t) =>
      small(t, redisChaos))
  })
})
