import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { expectProblem, standing } from '../expect.ts'
import { newSignedIn, signIn } from '../people.ts'
import type { PromiseSuite } from './promise.ts'

/** Ending a session. */
export const logout: PromiseSuite = (world) => {
  describe('logout', () => {
    test('ends the session on every node, whichever was told', async () => {
      const { gateway } = world()
      for (const door of world().doorsTo('auth-service')) {
        const { token } = await newSignedIn(gateway)
        for (const reader of world().doorsTo('user-service'))
          assert.equal(await standing(reader, token, '/users/profile'), 'good')

        const answer = await door.post('/auth/logout', { bearer: token })
        assert.deepEqual([answer.status, answer.json], [200, { message: 'Logged out successfully' }])

        // auth-service asks its database: no replica of it accepts the token from here on.
        for (const asked of world().doorsTo('auth-service')) {
          const refused = await asked.post('/auth/validate', { bearer: token })
          expectProblem(refused, {
            status: 401,
            code: 'token-revoked',
            speaker: 'service',
            title: 'Token has been revoked!',
          })
          assert.match(refused.headers['www-authenticate'] ?? '', /error="invalid_token"/)
        }
        for (const reader of world().doorsTo('user-service')) {
          const isRefused = async (): Promise<boolean> =>
            (await standing(reader, token, '/users/profile')) === 'token-revoked'
          await waitFor(isRefused, { what: `${reader.origin} to refuse`, timeoutMs: 1_000 })
          const refused = await reader.get('/users/profile', { bearer: token })
          expectProblem(refused, {
            status: 401,
            code: 'token-revoked',
            speaker: 'service',
            title: 'Token has been revoked!',
          })
        }
      }
    })

    test('in the very process that answers it, it is in force with the answer', async () => {
      const whole = world().replicas('all')
      for (const { client } of whole.length === 0 ? world().replicas('auth-service') : whole) {
        const { token } = await newSignedIn(world().gateway)
        assert.equal((await client.post('/auth/logout', { bearer: token })).status, 200)
        assert.equal(await standing(client, token, '/auth/validate'), 'token-revoked')
        if (whole.length > 0) assert.equal(await standing(client, token, '/users/profile'), 'token-revoked')
      }
    })

    test('a second one is told that the token is dead', async () => {
      const { gateway, otherGateway } = world()
      const { token } = await newSignedIn(gateway)
      assert.equal((await gateway.post('/auth/logout', { bearer: token })).status, 200)
      const again = await otherGateway.post('/auth/logout', { bearer: token })
      expectProblem(again, { status: 401, code: 'token-revoked', speaker: 'service' })
    })

    test('of many at the same moment, one ends the session', async () => {
      const { gateway, otherGateway } = world()
      const { token } = await newSignedIn(gateway)
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, at) =>
          (at % 2 === 0 ? gateway : otherGateway).post('/auth/logout', { bearer: token }),
        ),
      )
      assert.deepEqual(
        answers.map(({ status }) => status).toSorted((a, b) => a - b),
        [200, 401, 401, 401, 401, 401],
      )
    })

    test('the other sessions of the same person live on', async () => {
      const { gateway } = world()
      const member = await newSignedIn(gateway)
      const [second, third] = [await signIn(gateway, member), await signIn(gateway, member)]
      assert.equal((await gateway.post('/auth/logout', { bearer: second })).status, 200)
      for (const token of [member.token, third]) {
        for (const door of world().doorsTo('user-service'))
          assert.equal(await standing(door, token, '/users/profile'), 'good')
        for (const door of world().doorsTo('auth-service'))
          assert.equal(await standing(door, token, '/auth/validate'), 'good')
      }
    })

    test("a body that comes along is nobody's concern", async () => {
      const { gateway } = world()
      for (const [body, type] of [
        ['', 'application/json'],
        ['{}', 'application/json'],
        ['x=1', 'application/x-www-form-urlencoded'],
      ] as const) {
        const { token } = await newSignedIn(gateway)
        const { status } = await gateway.post('/auth/logout', { bearer: token, body, headers: ['Content-Type', type] })
        assert.equal(status, 200)
      }
    })
  })
}
