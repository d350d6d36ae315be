import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startCollector, type CollectedSpan, type Collector } from '@gatehouse/testing/collector.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { oneOfEach, startManyProcesses } from './many-processes.ts'
import { startOneProcess } from './one-process.ts'
import type { World } from './world.ts'

const parentId = 'b7ad6b7169203331'
const traceIds = ['0af7651916cd43dd8448eb211c80319c', '1af7651916cd43dd8448eb211c80319c'] as const
const secret = 'hush-collector-key'

const worlds: Readonly<Record<string, (settings: Readonly<Record<string, string>>) => Promise<World>>> = {
  'one process': (settings) => startOneProcess({ settings }),
  'many processes': (settings) => startManyProcesses({ settings, replicas: oneOfEach }),
}

for (const [name, start] of Object.entries(worlds)) {
  describe(`traces of ${name}`, () => {
    let collector: Collector
    let world: World
    before(async () => {
      collector = await startCollector()
      world = await start({
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: `api-key=${secret}`,
      })
    })
    after(async () => {
      await world.stop()
      await collector[Symbol.asyncDispose]()
    })

    const traced = async (traceId: string, flags: string): Promise<void> => {
      const headers = ['traceparent', `00-${traceId}-${parentId}-${flags}`]
      const answer = await world.gateway.get('/users/profile', { headers })
      assert.equal(answer.status, 401)
    }

    test('a request is one trace from the client through the gateway to the service', async () => {
      const [traceId] = traceIds
      await traced(traceId, '01')
      const of = (): readonly CollectedSpan[] => collector.spans().filter((span) => span.traceId === traceId)
      await waitFor(() => of().length >= 2, { what: 'two spans' })
      const gateway = of().find(({ parentSpanId }) => parentSpanId === parentId)
      const service = of().find(({ parentSpanId }) => parentSpanId === gateway?.spanId)
      assert.deepEqual(
        [gateway?.name, service?.name, service?.attributes['error.type']],
        ['GET /users', 'GET getProfile', undefined],
      )
      assert.equal(of().length, 2)
      assert.equal(collector.requests[0]?.headers['api-key'], secret)
      await waitFor(() => world.logs().includes(`"trace_id":"${traceId}"`), { what: 'the access line' })
    })

    test('what the client does not want recorded is not, and is in the log all the same', async () => {
      const [, traceId] = traceIds
      await traced(traceId, '00')
      await waitFor(() => world.logs().includes(`"trace_id":"${traceId}"`), { what: 'the access line' })
      // A later request whose spans have come: by then this one's would have, too.
      const seen = collector.spans().length
      await world.gateway.get('/users/profile')
      await waitFor(() => collector.spans().length >= seen + 2, { what: 'the spans of the next request' })
      assert.ok(!collector.spans().some((span) => span.traceId === traceId))
    })

    test('the key of the collector is in no log', () => assert.ok(!world.logs().includes(secret)))
  })
}
