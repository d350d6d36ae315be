import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { expectDiscreet, expectProblem } from '../expect.ts'
import { listeningPorts } from '../listening-ports.ts'
import type { PromiseSuite } from './promise.ts'

/** How people and machines ask how things are. */
export const health: PromiseSuite = (world) => {
  describe('health', () => {
    test('every gateway says how it and the services are, in the words of the reference', async () => {
      for (const { client } of [...world().replicas('all'), ...world().replicas('api-gateway')]) {
        const answer = await client.get('/health')
        assert.equal(answer.status, 200)
        assert.match(answer.headers['content-type'] ?? '', /^application\/json/)
        assert.deepEqual(answer.json, { gateway: 'healthy', services: { auth_service: true, user_service: true } })
        expectDiscreet(answer)
      }
    })

    test('each service says that it is healthy, in the words of the reference', async () => {
      for (const { client } of world().replicas('auth-service')) {
        assert.deepEqual((await client.get('/health')).json, { status: 'Auth service is healthy' })
      }
      for (const { client } of world().replicas('user-service')) {
        assert.deepEqual((await client.get('/health')).json, { status: 'User service is healthy' })
      }
    })

    test('each process tells its operators, on a port of its own, that it lives, is ready, and what it counts', async () => {
      await world().gateway.get('/health')
      for (const { admin } of world().replicas()) {
        assert.equal((await admin.get('/livez')).status, 200)
        const ready = await admin.get('/readyz')
        assert.deepEqual([ready.status, ready.json['ready']], [200, true], ready.text)
        const metrics = await admin.get('/metrics')
        assert.equal(metrics.status, 200)
        assert.match(metrics.headers['content-type'] ?? '', /^text\/plain/)
        assert.match(metrics.text, /^http_request_duration_seconds_count\{.*route="\/?health".*\} [1-9]/m)
        assert.equal((await admin.get('/nothing')).status, 404)
      }
    })

    test('fault, debug servers: nothing listens but what was asked for, and no public port answers an operator', async () => {
      for (const { client, admin, process } of world().replicas()) {
        const asked = [client, admin].map(({ origin }) => Number(new URL(origin).port))
        assert.deepEqual(
          listeningPorts(process().pid),
          asked.toSorted((a, b) => a - b),
        )
        for (const path of ['/metrics', '/readyz', '/livez', '/console', '/json/list']) {
          const answer = await client.get(path)
          assert.equal(answer.status, 404, `${client.origin}${path}`)
          expectDiscreet(answer)
        }
      }
    })

    test('each service publishes its contract, the gateway its own', async () => {
      const { gateway } = world()
      const documents = [
        ...world()
          .doorsTo('auth-service')
          .map((door) => [door, '/auth/openapi.json', '/auth/register'] as const),
        ...world()
          .doorsTo('user-service')
          .map((door) => [door, '/users/openapi.json', '/users/profile'] as const),
        ...world()
          .replicas('auth-service')
          .map(({ client }) => [client, '/openapi.json', '/auth/login'] as const),
        ...world()
          .replicas('user-service')
          .map(({ client }) => [client, '/openapi.json', '/users/profile'] as const),
        [gateway, '/openapi.json', '/health'] as const,
      ]
      for (const [door, path, operation] of documents) {
        const { status, json } = await door.get(path)
        assert.equal(status, 200, path)
        assert.match(String(json['openapi']), /^3\.1\./)
        // The document says what its `paths` are: an object whose names are looked at.
        assert.ok(Object.keys(json['paths'] as object).includes(operation), `${path} names ${operation}`)
      }
    })

    test('the event feed opens to INTERNAL_SECRET alone, and through no gateway', async () => {
      for (const { client } of world().replicas('auth-service')) {
        for (const headers of [[], ['Authorization', 'Bearer hush-not-the-secret']]) {
          const { status } = await client.get('/auth/events', { headers })
          assert.ok(status === 401 || status === 403, `${status}`)
        }
      }
      for (const path of ['/auth/events', '/auth/events?after=0', '/auth/%65vents', '/AUTH/events', '/auth/events/']) {
        const answer = await world().gateway.get(path)
        expectProblem(answer, { status: 404, code: 'service-not-found', speaker: 'gateway' })
      }
    })
  })
}
