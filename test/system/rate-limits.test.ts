import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { startManyProcesses, type ManyProcesses } from './many-processes.ts'
import { newSignedIn } from './people.ts'
import { requestsInAMinute } from './routes.ts'

/** What each gateway lets pass that counts alone. */
const alone = Math.ceil(requestsInAMinute / 2)

describe('rate limits while Redis dies', () => {
  let world: ManyProcesses
  before(async () => {
    world = await startManyProcesses({ replicas: { auth: 1, users: 1, gateways: 2 } })
  })
  after(() => world.stop())

  test('degraded and not absent: no request fails, each gateway counts alone, and together again after', async () => {
    const [one, two] = [world.gateway, world.otherGateway]
    const token = async () => (await newSignedIn(one)).token

    const caller = await token()
    const counts = await Promise.all([passing(one, caller, 40, 20, world.redis.kill), passing(two, caller, 40)])
    const passed = sum(counts)
    assert.ok(passed >= requestsInAMinute && passed <= requestsInAMinute + 2 * alone, `${passed} passed`)
    await allAre(1)

    const strangers = await token()
    for (const door of [one, two]) assert.equal(await passing(door, strangers, 2 * requestsInAMinute), alone)

    await world.redis.restart()
    await allAre(0)
    const friends = await token()
    const together = await Promise.all([one, two].map((door) => passing(door, friends, 2 * requestsInAMinute)))
    assert.equal(sum(together), requestsInAMinute)
  })

  /** Asks one after the other, and does something in the middle. No answer but 200 and 429 is any good. */
  const passing = async (
    door: ManyProcesses['gateway'],
    bearer: string,
    count: number,
    middle = -1,
    act: () => Promise<unknown> = async () => {},
  ): Promise<number> => {
    let passed = 0
    for (let n = 0; n < count; n += 1) {
      if (n === middle) await act()
      const { status, text } = await door.get('/limited/page', { bearer })
      assert.ok(status === 200 || status === 429, text)
      if (status === 200) passed += 1
    }
    return passed
  }

  const allAre = (degraded: 0 | 1): Promise<void> =>
    waitFor(
      async () => {
        const gateways = world.replicas('api-gateway')
        const texts = await Promise.all(gateways.map(async ({ admin }) => (await admin.get('/metrics')).text))
        return texts.every((text) => new RegExp(`^rate_limits_degraded\\{.*\\} ${degraded}$`, 'm').test(text))
      },
      { what: `rate_limits_degraded to be ${degraded}` },
    )
})

const sum = (counts: readonly number[]): number => counts.reduce((all, each) => all + each, 0)
