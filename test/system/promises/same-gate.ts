import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { fieldsOf } from '../client.ts'
import { expectProblem } from '../expect.ts'
import { newSignedIn } from '../people.ts'
import type { PromiseSuite } from './promise.ts'

/** A service of one's own stands behind the same gate: it gets verified callers, and nobody else. */
export const sameGate: PromiseSuite = (world) => {
  describe("a service of one's own", () => {
    test('is reached by members alone unless its route says otherwise, and is told who they are', async () => {
      const { gateway, otherGateway, ownService } = world()
      const { token, userId } = await newSignedIn(gateway)
      for (const door of [gateway, otherGateway]) {
        const { status } = await door.get('/members/page', { bearer: token, headers: ['X-User-Id', 'somebody-else'] })
        assert.equal(status, 200)
        const received = ownService.calls().at(-1)?.rawHeaders ?? []
        assert.deepEqual(fieldsOf(received, 'x-user-id'), [userId])
        assert.equal(fieldsOf(received, 'x-session-id').length, 1)
        // It may verify the caller itself.
        assert.deepEqual(fieldsOf(received, 'authorization'), [`Bearer ${token}`])
      }
    })

    const refused = [
      ['without a token', () => [], 'token-missing', 'Token is missing!'],
      [
        'with a bad one',
        (token: string) => ['Authorization', `Bearer ${token.slice(1)}`],
        'token-invalid',
        'Invalid token!',
      ],
      ['with another scheme', () => ['Authorization', 'Basic hush-basic'], 'token-invalid', 'Invalid token!'],
    ] as const
    for (const [name, headers, code, title] of refused) {
      test(`${name} nobody comes through, and the service hears nothing of it`, async () => {
        const { gateway, ownService } = world()
        const { token } = await newSignedIn(gateway)
        const before = ownService.calls().length
        expectProblem(await gateway.get('/members/page', { headers: headers(token) }), {
          status: 401,
          code,
          title,
          speaker: 'gateway',
        })
        assert.equal(ownService.calls().length, before)
      })
    }

    test('a logout closes every gateway to the session', async () => {
      const { gateway, otherGateway } = world()
      const { token } = await newSignedIn(gateway)
      assert.equal((await otherGateway.get('/members/page', { bearer: token })).status, 200)
      assert.equal((await gateway.post('/auth/logout', { bearer: token })).status, 200)
      for (const door of [gateway, otherGateway]) {
        const isRefused = async (): Promise<boolean> =>
          (await door.get('/members/page', { bearer: token })).status === 401
        await waitFor(isRefused, { what: `${door.origin} to refuse`, timeoutMs: 1_000 })
        const answer = await door.get('/members/page', { bearer: token })
        expectProblem(answer, {
          status: 401,
          code: 'token-revoked',
          title: 'Token has been revoked!',
          speaker: 'gateway',
        })
      }
    })

    test('where a token is optional, guests come without a name and a bad token still does not pass', async () => {
      const { gateway, ownService } = world()
      const { token, userId } = await newSignedIn(gateway)
      const named = async (bearer?: string): Promise<readonly string[]> => {
        const { status } = await gateway.get('/guests/page', {
          ...(bearer === undefined ? {} : { bearer }),
          headers: ['X-User-Id', 'x'],
        })
        assert.equal(status, 200)
        return fieldsOf(ownService.calls().at(-1)?.rawHeaders ?? [], 'x-user-id')
      }
      assert.deepEqual(await named(), [])
      assert.deepEqual(await named(token), [userId])
      assert.equal((await gateway.get('/guests/page', { bearer: token.slice(1) })).status, 401)
    })
  })
}
