import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import type { Json } from '../client.ts'
import { newMember } from '../people.ts'
import { secretMark } from '../world.ts'
import type { PromiseSuite } from './promise.ts'

/** The logs after everything that came before. Stands last in the list. */
export const secretsInLogs: PromiseSuite = (world) => {
  describe('the logs', () => {
    test('each request is one line a process, with its id, route, status and reason', async () => {
      const { gateway } = world()
      // In one process the gateway's line is the service's too.
      const speakers = world().replicas('all').length === 1 ? 1 : 2
      const { email } = await newMember(gateway)
      const id = `known-${process.pid}`
      await gateway.post('/auth/login', {
        json: { email, password: `${secretMark}wrong` },
        headers: ['X-Request-Id', id],
      })
      const lines = (): readonly Json[] => linesOf(world().logs()).filter((line) => line['request_id'] === id)
      await waitFor(() => lines().length >= speakers, { what: `${speakers} lines` })
      assert.equal(lines().length, speakers)
      for (const line of lines()) {
        assert.deepEqual([line['method'], line['path'], line['status']], ['POST', '/auth/login', 401])
        assert.equal(typeof line['duration_ms'], 'number')
      }
      assert.ok(lines().some((line) => line['code'] === 'invalid-credentials'))
    })

    test('no password, token, secret or authorization header stands in any log', async () => {
      const { logs, secrets, replicas } = world()
      // A line of each process behind all those before: they are written up to a tenth of a second late.
      for (const { client, logs: own } of replicas()) {
        await client.get('/last-of-all')
        await waitFor(() => own().includes('"path":"/last-of-all"'), { what: `the last line of ${client.origin}` })
      }
      const all = logs()
      assert.ok(linesOf(all).length > 10, 'there are logs')
      const found = all.split('\n').filter((line) => line.includes(secretMark) || jwt.test(line) || argon2.test(line))
      assert.deepEqual(found, [])
      for (const [at, secret] of secrets.entries()) assert.ok(!all.includes(secret), `secret ${at} is in a log`)
    })

    test('nothing was a fault of ours: no 500, no crash', () => {
      const faults = linesOf(world().logs()).filter(
        (line) => line['code'] === 'internal-error' || line['status'] === 500,
      )
      // One answer of 500 is the own service's.
      assert.deepEqual(
        faults.filter((line) => line['path'] !== '/own/server-error'),
        [],
      )
      assert.doesNotMatch(world().logs(), /UnhandledPromiseRejection|uncaughtException|MaxListenersExceededWarning/)
    })
  })
}

/** Two parts of a JWT: its signature is what makes it a secret, but a log has no use for the rest either. */
const jwt = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}/
const argon2 = /\$argon2id?\$/

const linesOf = (logs: string): readonly Json[] =>
  logs
    .split('\n')
    .filter((line) => line.startsWith('{'))
    // pino writes one JSON object a line.
    .map((line) => JSON.parse(line) as Json)
