import assert from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import type { Counter, Quota } from './counter.ts'
import type { LocalParts } from './local-counter.ts'

/** What every counter promises. `open` makes one with a name that no other test uses. */
export const counterSuite = (name: string, open: (quota: Omit<Quota, 'name'>) => Promise<Counter>): void => {
  const opened = async (context: TestContext, quota: Omit<Quota, 'name'>): Promise<Counter> => {
    const counter = await open(quota)
    context.after(counter.close)
    return counter
  }
  suite(name, () => {
    test('so many are let through, and the next is told how long to wait', async (context) => {
      const counter = await opened(context, { points: 3, windowSeconds: 60 })
      const waits = await takes(counter, 'a', 5)
      assert.deepEqual(waits.slice(0, 3), [0, 0, 0])
      for (const waitMs of waits.slice(3)) assert.ok(waitMs > 50_000 && waitMs <= 60_000, `${waitMs} ms`)
    })

    test('keys do not know each other, whatever is in them', async (context) => {
      const counter = await opened(context, { points: 1, windowSeconds: 60 })
      for (const key of ['a', 'A', '', 'a:b', 'a*', '2001:db8::1', 'ü', 'x'.repeat(500), '__proto__']) {
        assert.deepEqual((await takes(counter, key, 2)).map(isAllowed), [true, false], key)
      }
    })

    test('of two hundred at once no more are let through than there are', async (context) => {
      const counter = await opened(context, { points: 20, windowSeconds: 60 })
      const waits = await Promise.all(Array.from({ length: 200 }, () => counter.take('a')))
      assert.equal(waits.filter(isAllowed).length, 20)
    })

    test('when the window is over there are as many again', async (context) => {
      const counter = await opened(context, { points: 3, windowSeconds: 1 })
      await takes(counter, 'a', 9)
      await waitFor(async () => isAllowed(await counter.take('a')), { what: 'the window to be over', timeoutMs: 3000 })
      assert.equal((await takes(counter, 'a', 9)).filter(isAllowed).length, 2)
    })

    test('what is given back can be taken again, once, however many were refused in between', async (context) => {
      const counter = await opened(context, { points: 3, windowSeconds: 60 })
      await takes(counter, 'a', 30)
      await counter.giveBack('a')
      assert.deepEqual((await takes(counter, 'a', 3)).map(isAllowed), [true, false, false])
      await Promise.all([counter.giveBack('a'), counter.giveBack('a'), counter.take('b')])
      assert.equal((await takes(counter, 'a', 9)).filter(isAllowed).length, 2)
    })

    test('no more can be given back than was taken: nobody saves up for later', async (context) => {
      const counter = await opened(context, { points: 3, windowSeconds: 60 })
      await Promise.all(Array.from({ length: 9 }, () => counter.giveBack('a')))
      assert.equal((await takes(counter, 'a', 9)).filter(isAllowed).length, 3)
      await Promise.all(Array.from({ length: 9 }, () => counter.giveBack('a')))
      assert.equal((await takes(counter, 'a', 9)).filter(isAllowed).length, 3)
    })

    test('nobody begins his count anew by calling under many other names', async (context) => {
      const counter = await opened(context, { points: 3, windowSeconds: 60 })
      await takes(counter, 'a', 3)
      for (let n = 0; n < 4 * local.keysMax; n += 1) await counter.take(`name ${n}`)
      assert.deepEqual((await takes(counter, 'a', 2)).map(isAllowed), [false, false])
      for (const name of ['name 0', 'name 1999', 'new']) {
        assert.ok((await takes(counter, name, 9)).filter(isAllowed).length <= 3, name)
      }
    })

    test('what was taken in a window that is over adds nothing to the next', async (context) => {
      const counter = await opened(context, { points: 3, windowSeconds: 1 })
      await takes(counter, 'a', 3)
      await waitFor(async () => isAllowed(await counter.take('a')), { what: 'the window to be over', timeoutMs: 3000 })
      for (let n = 0; n < 3; n += 1) await counter.giveBack('a')
      assert.equal((await takes(counter, 'a', 9)).filter(isAllowed).length, 3)
    })
  })
}

/** What counting in this process is built from, by the real time. Few keys, so that a test can come with more. */
export const local: LocalParts & { readonly keysMax: number } = {
  clock: { now: Date.now, monotonic: () => performance.now() },
  random: () => 0.5,
  keysMax: 500,
}

/** So many, one after the other. */
export const takes = async ({ take }: Pick<Counter, 'take'>, key: string, count: number): Promise<number[]> => {
  const waits: number[] = []
  for (let n = 0; n < count; n += 1) waits.push(await take(key))
  return waits
}

/** Whether an answer of `take` let it through. */
export const isAllowed = (waitMs: number): boolean => waitMs === 0
