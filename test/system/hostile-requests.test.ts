import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { hostileExchange } from './hostile-exchange.ts'
import type { HostileRequest } from './hostile-requests/hostile-request.ts'
import { hostileRequests } from './hostile-requests/table.ts'
import { oneOfEach, startManyProcesses } from './many-processes.ts'
import { startOneProcess } from './one-process.ts'
import type { RouteRow } from './routes.ts'
import type { StrictRequest } from './strict-request.ts'
import { startStrictUpstream, type StrictUpstream } from './strict-upstream.ts'
import type { World } from './world.ts'

for (const [where, start] of [
  ['the whole house in one process', startOneProcess],
  // Its services are elsewhere, so it reads the simplest requests itself.
  ['a gateway alone', (options) => startManyProcesses({ replicas: oneOfEach, ...options })],
] as const satisfies readonly (readonly [string, Start])[]) {
  describe(`hostile requests to ${where}`, () => {
    let upstream: StrictUpstream
    /** For those that break off behind their head: when its bytes arrive is not known. */
    let begun: StrictUpstream
    let world: World
    before(async () => {
      upstream = await startStrictUpstream()
      begun = await startStrictUpstream()
      world = await start({
        routes: [
          { prefix: '/raw', upstream: upstream.origin, access: 'public' },
          { prefix: '/begun', upstream: begun.origin, access: 'public' },
        ],
      })
    })
    after(async () => {
      await world.stop()
      await upstream.stop()
      await begun.stop()
    })

    const judge = async (row: HostileRequest): Promise<void> => {
      const forwarded = row.forwarded ?? []
      upstream.taken()
      const bytesSent =
        row.begun === true ? [row.bytes].flat().map((piece) => piece.replace('/raw/', '/begun/')) : row.bytes
      const heard = await hostileExchange(Number(new URL(world.gateway.origin).port), { ...row, bytes: bytesSent })
      assert.deepEqual(heard.answers, row.answers, `${row.rule}: ${JSON.stringify(heard.text.slice(0, 400))}`)
      assert.equal(heard.closed, row.closes, `${row.rule}: closed`)
      // What was sent on has arrived by now, for it was answered.
      const bytes = upstream.bytes()
      const taken = upstream.taken()
      assert.deepEqual(taken.map(theirs), forwarded)
      if (forwarded.length === 0) assert.equal(bytes, 0, 'nothing reached the service')
      for (const request of taken) assert.deepEqual(oursIn(request), ours)
      assert.deepEqual([...upstream.faults(), ...begun.faults(), ...begun.taken()], [])
    }

    for (const [group, rows] of Object.entries(hostileRequests)) {
      describe(group, () => {
        for (const row of rows) test(row.name, () => judge(row))
      })
    }

    test('there are more than 120 of them, each with a name of its own', () => {
      const names = Object.values(hostileRequests).flatMap((rows) => rows.map(({ name }) => name))
      assert.ok(names.length > 120, `${names.length} rows`)
      assert.equal(new Set(names).size, names.length)
    })

    test('after all of them the gateway answers, and has had no fault of its own', async () => {
      await waitFor(async () => (await world.gateway.get('/health')).status === 200, { what: 'the gateway' })
      assert.doesNotMatch(world.logs(), /internal-error|uncaught/)
    })
  })
}

type Start = (options: { readonly routes: readonly RouteRow[] }) => Promise<World>

/** What the service must hear from us, each once and in our words. */
const ours = ['host', 'x-forwarded-for', 'x-forwarded-proto', 'x-request-id']

const isOurs = (name: string): boolean =>
  ours.includes(name) || /^(?:x-forwarded-host|traceparent|forwarded)$/.test(name)

/** Of this connection, and made by undici. */
const isFraming = (name: string): boolean => ['connection', 'content-length', 'transfer-encoding'].includes(name)

/** The request as the table writes it: without what is ours. */
const theirs = ({ line, fields, body }: StrictRequest): string => {
  const kept = fields.filter(([name]) => !isOurs(name) && !isFraming(name.toLowerCase()))
  return `${line}\n${kept.map(([name, value]) => `${name}: ${value}\n`).join('')}\n${body}`
}

/** Those of the fields above that are there exactly once, and not in the words of the client. */
const oursIn = ({ fields }: StrictRequest): readonly string[] =>
  ours.filter((wanted) => {
    const values = fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
    return values.length === 1 && !values.join().includes('mallory')
  })
