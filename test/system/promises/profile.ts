import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { expectDiscreet, expectProblem } from '../expect.ts'
import { newSignedIn } from '../people.ts'
import type { PromiseSuite } from './promise.ts'

/** What users say about themselves. */
export const profile: PromiseSuite = (world) => {
  describe('a profile', () => {
    test('is not there before it is written', async () => {
      const { token } = await newSignedIn(world().gateway)
      for (const door of world().doorsTo('user-service')) {
        const answer = await door.get('/users/profile', { bearer: token })
        expectProblem(answer, {
          status: 404,
          code: 'profile-not-found',
          speaker: 'service',
          title: 'Profile not found',
        })
      }
    })

    test('is made by the first write, and read everywhere at once', async () => {
      for (const writer of world().doorsTo('user-service')) {
        const { token, userId } = await newSignedIn(world().gateway)
        const written = await writer.put('/users/profile', {
          bearer: token,
          json: { bio: 'Grüße 🌱', preferences: { theme: 'dark', n: [1, null] } },
        })
        assert.deepEqual([written.status, written.json], [200, { message: 'Profile updated successfully' }])
        for (const reader of world().doorsTo('user-service')) {
          const answer = await reader.get('/users/profile', { bearer: token })
          const profile = { bio: 'Grüße 🌱', avatar: null, preferences: { theme: 'dark', n: [1, null] } }
          assert.deepEqual([answer.status, answer.json], [200, { user_id: userId, profile }])
          expectDiscreet(answer)
        }
      }
    })

    test('a write changes the members that are sent and no other', async () => {
      const { gateway } = world()
      const { token } = await newSignedIn(gateway)
      const expected = { bio: '', avatar: null as string | null, preferences: {} }
      const writes = [
        {},
        { bio: 'b' },
        { avatar: 'https://example.com/a.png' },
        { preferences: { a: 1 } },
        { avatar: null },
        { bio: '' },
      ]
      for (const json of writes) {
        assert.equal((await gateway.put('/users/profile', { bearer: token, json })).status, 200)
        Object.assign(expected, json)
        const { json: read } = await gateway.get('/users/profile', { bearer: token })
        assert.deepEqual(read['profile'], expected)
      }
    })

    test('the longest values that are allowed come back as they were sent', async () => {
      const { gateway } = world()
      const { token } = await newSignedIn(gateway)
      const longest = {
        bio: '🌱'.repeat(5_000),
        avatar: 'a'.repeat(2048),
        preferences: { text: 'p'.repeat(16_384 - '{"text":""}'.length) },
      }
      assert.equal((await gateway.put('/users/profile', { bearer: token, json: longest })).status, 200)
      const { json } = await gateway.get('/users/profile', { bearer: token })
      assert.deepEqual(json['profile'], longest)
    })

    test('everyone has their own, and saying that one is somebody else changes nothing', async () => {
      const { gateway } = world()
      const [one, other] = [await newSignedIn(gateway), await newSignedIn(gateway)]
      for (const { token, username } of [one, other]) {
        await gateway.put('/users/profile', { bearer: token, json: { bio: username } })
      }
      for (const name of ['X-User-Id', 'x_user_id', 'X-Session-Id', 'X-User-ID']) {
        for (const door of world().doorsTo('user-service')) {
          const { json } = await door.get('/users/profile', { bearer: one.token, headers: [name, other.userId] })
          assert.equal(json['user_id'], one.userId)
        }
      }
      const unnamed = await gateway.get('/users/profile', { headers: ['X-User-Id', one.userId] })
      expectProblem(unnamed, { status: 401, code: 'token-missing', speaker: 'service' })
    })

    test('two who write different members at the same moment both succeed', async () => {
      const { gateway, otherGateway } = world()
      const { token } = await newSignedIn(gateway)
      const answers = await Promise.all([
        gateway.put('/users/profile', { bearer: token, json: { bio: 'one' } }),
        otherGateway.put('/users/profile', { bearer: token, json: { avatar: 'two' } }),
      ])
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200],
      )
      const { json } = await gateway.get('/users/profile', { bearer: token })
      assert.deepEqual(json['profile'], { bio: 'one', avatar: 'two', preferences: {} })
    })
  })
}
