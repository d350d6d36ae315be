import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Client } from '../client.ts'
import { expectProblem, expectServiceUnavailable } from '../expect.ts'
import { newSignedIn } from '../people.ts'
import type { PromiseSuite } from './promise.ts'

/** The reference system as its clients know it: what they sent, they send; what they read, they read. */
export const referenceContract: PromiseSuite = (world) => {
  describe('the reference system', () => {
    test('its four lines run unchanged', async () => {
      const { gateway } = world()
      const health = await gateway.get('/health')
      assert.equal(health.text, '{"gateway":"healthy","services":{"auth_service":true,"user_service":true}}')

      // The very bytes of its two curl lines.
      const registered = await line(
        gateway,
        '/auth/register',
        '{"username":"testuser","email":"test@example.com","password":"secret"}',
      )
      assert.equal(registered.status, 201)
      assert.equal(registered.json['message'], 'User registered successfully')

      const loggedIn = await line(gateway, '/auth/login', '{"email":"test@example.com","password":"secret"}')
      assert.equal(loggedIn.status, 200)
      assert.equal(loggedIn.json['user_id'], registered.json['user_id'])
      assert.match(String(loggedIn.json['token']), /^[\w-]+\.[\w-]+\.[\w-]+$/)
    })

    test('a token validates, reads a profile, and is dead after logout', async () => {
      const { gateway } = world()
      const { token, userId } = await newSignedIn(gateway)
      const validated = await gateway.post('/auth/validate', { bearer: token })
      assert.equal(validated.status, 200)
      assert.deepEqual([validated.json['valid'], validated.json['user_id']], [true, userId])

      const none = await gateway.get('/users/profile', { bearer: token })
      assert.deepEqual([none.status, none.json['message']], [404, 'Profile not found'])
      const written = await gateway.put('/users/profile', { bearer: token, json: { bio: 'Hello', avatar: 'a.png' } })
      assert.deepEqual([written.status, written.json], [200, { message: 'Profile updated successfully' }])
      const profile = await gateway.get('/users/profile', { bearer: token })
      assert.deepEqual(profile.json, { user_id: userId, profile: { bio: 'Hello', avatar: 'a.png', preferences: {} } })

      const loggedOut = await gateway.post('/auth/logout', { bearer: token })
      assert.deepEqual([loggedOut.status, loggedOut.json], [200, { message: 'Logged out successfully' }])
      const revoked = await gateway.post('/auth/validate', { bearer: token })
      assert.deepEqual([revoked.status, revoked.json['message']], [401, 'Token has been revoked!'])
    })

    for (const path of [
      '/',
      '/nothing',
      '/authentication',
      '/usersx/profile',
      '/api/auth/login',
      '/auth/events',
      '/metrics',
      '/readyz',
    ]) {
      test(`${path} is nobody's: 404 Service not found`, async () => {
        const { gateway } = world()
        for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
          const answer = await gateway.ask(method, path)
          expectProblem(answer, {
            status: 404,
            code: 'service-not-found',
            speaker: 'gateway',
            title: 'Service not found',
          })
          assert.equal(answer.json['error'], 'Service not found')
        }
      })
    }

    test('a service that cannot be reached: 503 Service unavailable', async () => {
      const { gateway } = world()
      for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
        const answer = await gateway.ask(method, '/gone/anything')
        expectServiceUnavailable(answer)
      }
    })

    for (const [prefix, service] of [
      ['/auth', 'auth-service'],
      ['/users', 'user-service'],
    ] as const) {
      test(`what ${service} does not know is its own 404, whatever the method`, async () => {
        for (const door of world().doorsTo(service)) {
          for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) {
            const answer = await door.ask(method, `${prefix}/no-such-operation`)
            expectProblem(answer, { status: 404, code: 'operation-not-found', speaker: 'service' })
          }
        }
      })
    }

    test('a known path with another method: 405, and which there are', async () => {
      for (const door of world().doorsTo('auth-service')) {
        const answer = await door.get('/auth/register')
        expectProblem(answer, { status: 405, code: 'method-not-allowed', speaker: 'service' })
        assert.equal(answer.headers.allow, 'POST')
      }
    })
  })
}

const line = (gateway: Client, path: string, body: string) =>
  gateway.post(path, { body, headers: ['Content-Type', 'application/json'] })
