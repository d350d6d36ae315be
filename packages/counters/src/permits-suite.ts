import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { limits } from './limits.ts'
import type { Demand, Grant, Permits } from './permits.ts'

/** What every place promises in which permits are counted. */
export const permitsSuite = (name: string, open: () => Permits | Promise<Permits>): void => {
  const quota = { points: 100, windowSeconds: 600 }
  const demand = { sure: 1, more: 0, unused: 0, unusedPart: 0 }
  let keys = 0
  /** Takes from a key that nobody else knows. */
  const taker = async () => {
    const permits = await open()
    keys += 1
    const key = `${name} ${keys}`
    return (particulars: Partial<Demand> = {}, of: typeof quota = quota): Promise<Grant> =>
      permits.take(key, of, { ...demand, ...particulars })
  }

  suite(name, () => {
    test('what is asked for is granted and counted until there is nothing left', async () => {
      const take = await taker()
      const grants = [await take({ sure: 60 }), await take({ sure: 60 }), await take()]
      assert.deepEqual(
        grants.map(({ granted, left }) => [granted, left]),
        [
          [60, 40],
          [40, 0],
          [0, 0],
        ],
      )
      const [, , { part, partLeftMs, resetMs }] = grants as [Grant, Grant, Grant]
      const partMs = 600_000 / limits.windowParts
      assert.ok(Number.isInteger(part) && partLeftMs > 0 && partLeftMs <= partMs, `${partLeftMs}`)
      assert.ok(resetMs > 600_000 - partMs && resetMs <= 600_000 + partMs, `${resetMs}`)
    })

    test('in advance a gateway is given a part of what is left, so that others find some too', async () => {
      const take = await taker()
      const grants = [await take({ more: 1000 }), await take({ sure: 2, more: 3 }), await take({ sure: 75, more: 50 })]
      assert.deepEqual(
        grants.map(({ granted }) => granted),
        [13, 5, 75],
      )
    })

    test('what was not used can be taken again, but no more than was taken, and not of another time', async () => {
      const take = await taker()
      const { part } = await take({ sure: 100 })
      const grants = [
        await take({ sure: 9, unused: 5, unusedPart: part }),
        await take({ sure: 9, unused: 5, unusedPart: part - 1 }),
        await take({ sure: 500, unused: 500, unusedPart: part }),
      ]
      assert.deepEqual(
        grants.map(({ granted, left }) => [granted, left]),
        [
          [5, 0],
          [0, 0],
          [100, 0],
        ],
      )
    })

    test('of two hundred at once no more are let through than there are', async () => {
      const take = await taker()
      const grants = await Promise.all(Array.from({ length: 200 }, () => take()))
      assert.equal(grants.filter(({ granted }) => granted === 1).length, 100)
    })

    test('when the window is over there are as many again', async () => {
      const take = await taker()
      const short = { points: 3, windowSeconds: 1 }
      const begun = performance.now()
      await take({ sure: 3 }, short)
      await waitFor(async () => (await take({}, short)).granted === 1, { what: 'the window to be over' })
      const tookMs = performance.now() - begun
      assert.ok(tookMs >= 999, `after ${tookMs} ms`)
      assert.equal((await take({ sure: 3 }, short)).granted, 2)
    })
  })
}
