import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Answer, Ask, Client } from '../client.ts'
import { expectProblem } from '../expect.ts'
import { newSignedIn } from '../people.ts'
import { requestsInAMinute } from '../routes.ts'
import type { PromiseSuite } from './promise.ts'

/** So many requests and no more, over all gateways. */
export const rateLimits: PromiseSuite = (world) => {
  describe('a limit on requests', () => {
    test('holds over all gateways for each caller, who is told what is left and when to come again', async () => {
      const { gateway, otherGateway, ownService } = world()
      const [{ token }, { token: others }] = [await newSignedIn(gateway), await newSignedIn(gateway)]
      const before = ownService.calls().length
      const answers = await inTurn([gateway, otherGateway], '/limited/page', 3 * requestsInAMinute, { bearer: token })
      const passed = answers.filter(({ status }) => status === 200)
      assert.equal(passed.length, requestsInAMinute)
      assert.equal(ownService.calls().length - before, requestsInAMinute, 'the service hears nothing of the others')
      const policy = `"caller";q=${requestsInAMinute};w=60`
      for (const { headers } of answers) {
        assert.equal(headers['ratelimit-policy'], policy)
        assert.match(String(headers['ratelimit']), /^"caller";r=\d+;t=\d+$/)
      }
      const last = answers.at(-1)
      if (last === undefined) throw new Error('unreachable')
      expectProblem(last, { status: 429, code: 'too-many-requests', title: 'Too many requests', speaker: 'gateway' })
      const retryAfter = Number(last.headers['retry-after'])
      assert.ok(retryAfter > 50 && retryAfter <= 66, `${retryAfter} s`)
      assert.equal(last.headers['ratelimit'], `"caller";r=0;t=${retryAfter}`)
      assert.equal((await otherGateway.get('/limited/page', { bearer: others })).status, 200)
    })

    test('counts bad tokens too: against the address that sends them', async () => {
      const { gateway, otherGateway } = world()
      const answers = await inTurn([gateway, otherGateway], '/limited/page', 2 * requestsInAMinute, { bearer: 'a.b.c' })
      const statuses = answers.map(({ status }) => status)
      assert.deepEqual(statuses.filter((status) => status === 401).length, requestsInAMinute)
      assert.deepEqual(statuses.filter((status) => status === 429).length, requestsInAMinute)
      const { token } = await newSignedIn(gateway)
      assert.equal((await gateway.get('/limited/page', { bearer: token })).status, 200)
    })

    test('by address counts everybody there as one', async () => {
      const { gateway, otherGateway } = world()
      const { token } = await newSignedIn(gateway)
      const path = '/limited/address/page'
      const known = await inTurn([gateway, otherGateway], path, requestsInAMinute, { bearer: token })
      assert.deepEqual(new Set(known.map(({ status }) => status)), new Set([200]))
      const unknown = await inTurn([gateway, otherGateway], path, 4)
      assert.deepEqual(new Set(unknown.map(({ status }) => status)), new Set([429]))
    })
  })
}

const inTurn = async (doors: readonly Client[], path: string, count: number, ask: Ask = {}): Promise<Answer[]> => {
  const answers: Answer[] = []
  for (let n = 0; n < count; n += 1) {
    const answer = await doors[n % doors.length]?.get(path, ask)
    if (answer !== undefined) answers.push(answer)
  }
  return answers
}
