import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { deleteAccount, hasProfile } from '../account-store.ts'
import { expectProblem, standing } from '../expect.ts'
import type { ManyProcesses } from '../many-processes.ts'
import { newPerson, newSignedIn } from '../people.ts'
import type { PromiseSuite } from './promise.ts'

/**
 * What is left of an account that was deleted behind the backs of all processes, by auth-service's own store: they hear
 * of it from the log alone. The operation is in sessions.ts.
 */
export const deletedAccounts =
  (many: () => ManyProcesses): PromiseSuite =>
  (world) => {
    describe('a deleted account', () => {
      test('fault, tokens accepted for a deleted account: none is, on any node', async () => {
        const { gateway } = world()
        const { email, token, password } = await newSignedIn(gateway)
        for (const door of world().doorsTo('user-service'))
          assert.equal(await standing(door, token, '/users/profile'), 'good')

        await deleteAccount(many().authDatabaseUrl, email)

        for (const door of world().doorsTo('auth-service')) {
          const answer = await door.post('/auth/validate', { bearer: token })
          expectProblem(answer, { status: 401, code: 'token-revoked', speaker: 'service' })
          expectProblem(await door.post('/auth/login', { json: { email, password } }), {
            status: 401,
            code: 'invalid-credentials',
            speaker: 'service',
          })
        }
        for (const door of world().doorsTo('user-service')) {
          const isRefused = async (): Promise<boolean> =>
            (await standing(door, token, '/users/profile')) === 'token-revoked'
          await waitFor(isRefused, { what: `${door.origin} to refuse`, timeoutMs: 2_000 })
        }
        // Only now that every replica has heard of it: a gateway may send this to another one than it sent the read to.
        for (const door of world().doorsTo('user-service')) {
          const written = await door.put('/users/profile', { bearer: token, json: { bio: 'back again' } })
          expectProblem(written, { status: 401, code: 'token-revoked', speaker: 'service' })
        }
      })

      test('its profile is erased, other people keep theirs', async () => {
        const { gateway } = world()
        const [leaver, stayer] = [await newSignedIn(gateway), await newSignedIn(gateway)]
        for (const { token } of [leaver, stayer])
          await gateway.put('/users/profile', { bearer: token, json: { bio: 'here' } })
        const { userDatabaseUrl } = many()
        assert.ok(await hasProfile(userDatabaseUrl, leaver.userId))

        await deleteAccount(many().authDatabaseUrl, leaver.email)

        const isErased = async (): Promise<boolean> => !(await hasProfile(userDatabaseUrl, leaver.userId))
        await waitFor(isErased, { what: 'the profile to be erased', timeoutMs: 5_000 })
        const { json } = await gateway.get('/users/profile', { bearer: stayer.token })
        assert.deepEqual(json['profile'], { bio: 'here', avatar: null, preferences: {} })
      })

      test('its name and address are free again, for somebody who is somebody else', async () => {
        const { gateway } = world()
        const { username, email, userId, token } = await newSignedIn(gateway)
        await deleteAccount(many().authDatabaseUrl, email)
        const { password } = newPerson()
        const again = await gateway.post('/auth/register', { json: { username, email, password } })
        assert.equal(again.status, 201)
        assert.notEqual(again.json['user_id'], userId)
        assert.equal(await standing(gateway, token, '/auth/validate'), 'token-revoked')
      })
    })
  }
