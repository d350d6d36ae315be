import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { privateNetworks } from '@gatehouse/http/client.ts'
import { listen, type Listening } from '@gatehouse/http/listen.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { bearer } from './testing/callers.ts'
import { openSqlStores, type SqlStores } from './testing/sql-stores.ts'
import { userService } from './user-service.ts'

suite('user-service over HTTP', () => {
  let stores: SqlStores
  let server: Listening
  let application: Awaited<ReturnType<typeof userService>>

  before(async () => {
    stores = await openSqlStores('sqlite')
    application = await userService(
      {
        profiles: stores.first.profiles,
        pingDatabase: stores.database.ping,
        authenticate: (rawHeaders) => {
          const credentials = rawHeaders[rawHeaders.indexOf('Authorization') + 1]
          if (!rawHeaders.includes('Authorization') || credentials === undefined) throw refuse('token-missing')
          return bearer(credentials.replace(/^Bearer /, ''))
        },
      },
      {
        observe: () => {},
        clock: movableClock(),
        newRequestId: () => 'request-1',
        traces: { join: () => '' },
        trustedPeers: privateNetworks(),
        version: '0.0.0',
      },
    )
    server = await listen(application.listener, {
      host: '127.0.0.1',
      port: 0,
      speaker: 'service',
      newRequestId: () => 'request-1',
    })
  })
  after(async () => {
    await server.drain()
    await application.close()
    await stores.close()
  })

  const ask = async (
    method: string,
    path: string,
    user?: string,
    body?: string,
  ): Promise<readonly [number, unknown]> => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      headers: {
        ...(user === undefined ? {} : { Authorization: `Bearer ${user}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    })
    return [response.status, await response.json()]
  }
  const problem = async (...request: Parameters<typeof ask>) => {
    const [status, body] = await ask(...request)
    // Every refusal is problem details; the test looks at four of its members.
    const { code, message, errors } = body as { code?: string; message?: string; errors?: readonly { path: string }[] }
    return { status, code, message, paths: errors && [...new Set(errors.map(({ path }) => path))] }
  }

  test('answers as the reference does', async () => {
    assert.deepEqual(await ask('GET', '/health'), [200, { status: 'User service is healthy' }])
    const none = await problem('GET', '/users/profile', 'ada')
    assert.deepEqual(none, { status: 404, code: 'profile-not-found', message: 'Profile not found', paths: undefined })
    assert.deepEqual(await ask('PUT', '/users/profile', 'ada', '{"bio":"Countess"}'), [
      200,
      { message: 'Profile updated successfully' },
    ])
    assert.deepEqual(await ask('PUT', '/users/profile', 'ada', '{"avatar":"a","preferences":{"n":{"deep":[1]}}}'), [
      200,
      { message: 'Profile updated successfully' },
    ])
    assert.deepEqual(await ask('GET', '/users/profile', 'ada'), [
      200,
      { user_id: 'ada', profile: { bio: 'Countess', avatar: 'a', preferences: { n: { deep: [1] } } } },
    ])
  })

  test('whoever has no token reads and writes nothing', async () => {
    for (const method of ['GET', 'PUT']) {
      const { status, message } = await problem(
        method,
        '/users/profile',
        undefined,
        method === 'PUT' ? '{}' : undefined,
      )
      assert.deepEqual({ status, message }, { status: 401, message: 'Token is missing!' })
    }
  })

  test('a bad body is refused by the name of its member and writes nothing', async () => {
    const rows = [
      ['{"bio":7}', '/bio'],
      ['{"bio":null}', '/bio'],
      [JSON.stringify({ bio: 'x'.repeat(10_001) }), '/bio'],
      ['{"bio":"\\u0000"}', '/bio'],
      ['{"bio":"\\ud83d"}', '/bio'],
      ['{"avatar":[]}', '/avatar'],
      [JSON.stringify({ avatar: 'x'.repeat(2_049) }), '/avatar'],
      ['{"preferences":"{}"}', '/preferences'],
      ['{"preferences":[]}', '/preferences'],
      ['{"preferences":null}', '/preferences'],
      [JSON.stringify({ preferences: { p: 'x'.repeat(16_384) } }), '/preferences'],
      [`{"preferences":{"p":${'['.repeat(500)}${']'.repeat(500)}}}`, '/preferences'],
      ['{"user_id":"bob"}', '/user_id'],
    ] as const
    for (const [body, path] of rows) {
      const { status, code, paths } = await problem('PUT', '/users/profile', 'eve', body)
      assert.deepEqual(
        { status, code, paths },
        { status: 400, code: 'invalid-request', paths: [path] },
        body.slice(0, 60),
      )
    }
    assert.equal((await problem('GET', '/users/profile', 'eve')).code, 'profile-not-found')
  })

  test('nothing comes back for an account that was deleted', async () => {
    await ask('PUT', '/users/profile', 'bob', '{"bio":"private"}')
    await stores.first.erasures.erase('bob', 1)
    assert.equal((await problem('GET', '/users/profile', 'bob')).code, 'profile-not-found')
    const { status, message } = await problem('PUT', '/users/profile', 'bob', '{"bio":"again"}')
    assert.deepEqual({ status, message }, { status: 401, message: 'Token has been revoked!' })
  })
})
