import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { expectProblem, standing } from '../expect.ts'
import { newMember } from '../people.ts'
import type { PromiseSuite } from './promise.ts'

/** Sessions that end when they are ended, and never otherwise. */
export const sessions: PromiseSuite = (world) => {
  const someone = async () => {
    const { gateway } = world()
    const { email, username, password, userId } = await newMember(gateway)
    const login = async (secret = password) => {
      const { status, json } = await gateway.post('/auth/login', { json: { email, password: secret } })
      assert.equal(status, 200)
      return { token: String(json['token']), refreshToken: String(json['refresh_token']) }
    }
    return { email, username, password, userId, login }
  }
  const refresh = (refreshToken: string) =>
    world().gateway.post('/auth/refresh', { json: { refresh_token: refreshToken } })
  const refused = { status: 401, code: 'refresh-token-invalid', speaker: 'service' } as const
  const isDead = async (token: string): Promise<void> => {
    for (const door of world().doorsTo('user-service')) {
      const what = `${door.origin} to refuse`
      await waitFor(async () => (await standing(door, token, '/users/profile')) === 'token-revoked', { what })
    }
  }

  describe('a session', () => {
    test('goes on by its refresh token; the same one again at once answers the same successor', async () => {
      const { gateway } = world()
      const { login, userId } = await someone()
      const { refreshToken } = await login()
      const [first, second] = await Promise.all([refresh(refreshToken), refresh(refreshToken)])
      assert.deepEqual([first.status, second.status], [200, 200])
      assert.equal(first.json['refresh_token'], second.json['refresh_token'])
      assert.equal(first.json['user_id'], userId)
      assert.equal(first.headers['cache-control'], 'no-store')
      assert.equal(await standing(gateway, String(first.json['token']), '/auth/validate'), 'good')
    })

    test('ends when a refresh token is used a second time after its successor', async () => {
      const { login } = await someone()
      const { token, refreshToken } = await login()
      const next = String((await refresh(refreshToken)).json['refresh_token'])
      const third = String((await refresh(next)).json['refresh_token'])
      expectProblem(await refresh(refreshToken), refused)
      expectProblem(await refresh(third), refused)
      await isDead(token)
    })

    test('is not ended by a string that we did not make', async () => {
      const { login } = await someone()
      const { refreshToken } = await login()
      const forged = `${refreshToken.slice(0, -6)}AAAAAA`
      for (const text of ['x', 'ghr_', forged, refreshToken.toUpperCase()]) expectProblem(await refresh(text), refused)
      assert.equal((await refresh(refreshToken)).status, 200)
    })

    test('is listed with its device, and ended one by one or all at once', async () => {
      const { gateway } = world()
      const { login } = await someone()
      const [mine, second, third] = [await login(), await login(), await login()]
      const list = async () => {
        const { json } = await gateway.get('/auth/sessions', { bearer: mine.token })
        // The contract's shape; what is used of it is asserted.
        return json['sessions'] as readonly { readonly session_id: string; readonly current: boolean }[]
      }
      const before = await list()
      // Newest first.
      assert.deepEqual(
        before.map(({ current }) => current),
        [false, false, true],
      )
      const { session_id: id = '' } = before[1] ?? {}
      assert.equal((await gateway.delete(`/auth/sessions/${id}`, { bearer: mine.token })).status, 200)
      await isDead(second.token)
      expectProblem(await gateway.delete(`/auth/sessions/${id}`, { bearer: mine.token }), {
        status: 404,
        code: 'session-not-found',
        speaker: 'service',
      })
      assert.equal((await gateway.delete('/auth/sessions', { bearer: mine.token })).status, 200)
      await isDead(third.token)
      assert.equal((await list()).length, 1)
      assert.equal((await gateway.delete('/auth/sessions?including=this', { bearer: mine.token })).status, 200)
      await isDead(mine.token)
      expectProblem(await refresh(mine.refreshToken), refused)
    })

    test('outlives a change of the password if it is the one that changes it, and only then', async () => {
      const { gateway } = world()
      const { login, password, email } = await someone()
      const [mine, other] = [await login(), await login()]
      const change = (current: string) =>
        gateway.post('/auth/password', {
          bearer: mine.token,
          json: { current_password: current, new_password: 'another long one' },
        })
      expectProblem(await change('not the password'), { status: 403, code: 'wrong-password', speaker: 'service' })
      assert.equal((await change(password)).status, 200)
      await isDead(other.token)
      expectProblem(await refresh(other.refreshToken), refused)
      assert.equal(await standing(gateway, mine.token, '/auth/validate'), 'good')
      assert.equal((await refresh(mine.refreshToken)).status, 200)
      const old = await gateway.post('/auth/login', { json: { email, password } })
      expectProblem(old, { status: 401, code: 'invalid-credentials', speaker: 'service' })
      await login('another long one')
    })
  })

  describe('an account', () => {
    test('shows what is kept of it, and is deleted with its profile when the password is said again', async () => {
      const { gateway } = world()
      const { login, email, username, userId, password } = await someone()
      const { token } = await login()
      const { json } = await gateway.get('/auth/account', { bearer: token })
      assert.deepEqual({ ...json, created_at: '' }, { user_id: userId, username, email, created_at: '' })
      await gateway.put('/users/profile', { bearer: token, json: { bio: 'here' } })
      expectProblem(await gateway.delete('/auth/account', { bearer: token, json: { password: 'not it' } }), {
        status: 403,
        code: 'wrong-password',
        speaker: 'service',
      })
      assert.equal((await gateway.delete('/auth/account', { bearer: token, json: { password } })).status, 200)
      await isDead(token)
      const again = await gateway.post('/auth/register', { json: { username, email, password } })
      assert.equal(again.status, 201)
      assert.notEqual(again.json['user_id'], userId)
    })

    test('takes five wrong passwords, then makes who guesses wait, but not the device that has logged in before', async () => {
      const { gateway } = world()
      const { email, password } = await newMember(gateway)
      const login = (json: object) => gateway.post('/auth/login', { json: { email, ...json } })
      const { json } = await login({ password })
      const wrong = await Promise.all(Array.from({ length: 12 }, () => login({ password: 'wrong guess' })))
      assert.equal(wrong.filter(({ status }) => status === 401).length, 5)
      const late = wrong.find(({ status }) => status === 429) ?? assert.fail('nobody had to wait')
      assert.equal(late.json['code'], 'too-many-attempts')
      assert.ok(Number(late.headers['retry-after']) >= 1)
      assert.equal((await login({ password, device_token: json['device_token'] })).status, 200)
    })
  })
}
