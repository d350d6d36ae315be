import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openDatabase } from '@gatehouse/sql/database.ts'
import { expectProblem } from './expect.ts'
import { oneOfEach, startManyProcesses, type ManyProcesses } from './many-processes.ts'
import { startOneProcess, type OneProcess } from './one-process.ts'
import { newPerson, newSignedIn } from './people.ts'
import { rawExchange } from './raw-exchange.ts'

// Most of it is waiting: all of it at once.
describe('fault, no timeouts anywhere', { concurrency: true }, () => {
  describe('in one process', { concurrency: true }, () => {
    let world: OneProcess
    before(async () => {
      world = await startOneProcess()
    })
    after(() => world.stop())

    test('a head that never ends is answered 408, and its connection closed', async () => {
      const { status, problem } = await rawExchange(
        world.gateway.origin,
        'POST /auth/login HTTP/1.1\r\nHost: a\r\n',
        20_000,
      )
      assert.deepEqual([status, problem['code']], [408, 'request-timeout'])
    })

    test('a SQLite file that another process keeps to itself: 503 with Retry-After, and well again afterwards', async () => {
      const { gateway } = world
      const { token } = await newSignedIn(gateway)
      const file = await openDatabase(`sqlite:///${join(world.dataDir, 'auth.db')}`)
      await file.transaction(async () => {
        const answers = await Promise.all([
          gateway.post('/auth/register', { json: newPerson() }),
          gateway.post('/auth/logout', { bearer: token }),
        ])
        for (const answer of answers)
          expectProblem(answer, { status: 503, code: 'database-unavailable', speaker: 'service' })
        // Meanwhile the process answers everybody else.
        assert.equal((await gateway.post('/auth/validate', { bearer: token, timeoutMs: 2_000 })).status, 200)
      })
      await file.close()
      assert.equal((await gateway.post('/auth/logout', { bearer: token })).status, 200)
      await newSignedIn(gateway)
    })
  })

  describe('a service that hangs', () => {
    let world: ManyProcesses
    before(async () => {
      world = await startManyProcesses({ replicas: oneOfEach })
    })
    after(() => world.stop())

    test('is told by /health in seconds, and does not hold up the other', async (t) => {
      const { gateway } = world
      const { token } = await newSignedIn(gateway)
      const [users] = world.replicas('user-service')
      assert.ok(users !== undefined)
      users.process().pause()
      const begin = performance.now()
      const { json } = await gateway.get('/health', { timeoutMs: 5_000 })
      t.diagnostic(`/health answered after ${Math.round(performance.now() - begin)} ms`)
      assert.deepEqual(json['services'], { auth_service: true, user_service: false })
      assert.equal((await gateway.post('/auth/validate', { bearer: token, timeoutMs: 2_000 })).status, 200)
      users.process().resume()
      assert.equal((await gateway.get('/users/profile', { bearer: token })).status, 404)
    })
  })
})
