import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCollector } from '@gatehouse/testing/collector.ts'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import type { Answered } from './answered.ts'
import { limits } from './limits.ts'
import { spanExporter, type SpanExporter } from './span-exporter.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const now = Date.UTC(2026, 0, 1)

const answered: Answered = {
  requestId: 'r-1',
  method: 'GET',
  route: '/users',
  path: '/users/profile',
  status: 200,
  durationMs: 12.5,
  address: '192.0.2.1',
  traceparent: `00-${traceId}-1111111111111111-01`,
  parent: `00-${traceId}-2222222222222222-01`,
}

/** An exporter, and what it wrote into the log. */
const exporterTo = async (origin: string, headers: Readonly<Record<string, string>> = {}) => {
  const told: string[] = []
  const tell = (_event: object, message: string): unknown => told.push(message)
  const exporter = await spanExporter({
    url: `${origin}/v1/traces`,
    headers,
    serviceName: 'api-gateway',
    version: '1.2.3',
    clock: { now: () => now },
    log: { info: tell, warn: tell },
  })
  return { exporter, told }
}

const fill = ({ record }: SpanExporter, count: number): void => {
  for (let n = 0; n < count; n += 1) record(answered)
}

test('an answer becomes a span by the conventions for servers of HTTP', async () => {
  await using collector = await startCollector()
  const { exporter } = await exporterTo(collector.url, { 'api-key': 'k' })
  exporter.record({ ...answered, upstream: 'http://192.0.2.9:80', tries: 1, upstreamMs: 3.5, queueMs: 0 })
  exporter.record({ ...answered, method: 'BREW', status: 503, code: 'service-unavailable', parent: 'nonsense' })
  exporter.record({ ...answered, status: 404, code: 'service-not-found' })
  await exporter.close()
  const [request] = collector.requests
  assert.deepEqual([request?.path, request?.headers['api-key']], ['/v1/traces', 'k'])
  const [good, bad, refused] = collector.spans()
  assert.deepEqual(good, {
    service: 'api-gateway',
    traceId,
    spanId: '1111111111111111',
    parentSpanId: '2222222222222222',
    flags: 0x301,
    name: 'GET /users',
    kind: 2,
    startTimeUnixNano: `${now - 13}500000`,
    endTimeUnixNano: `${now}000000`,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/users',
      'http.response.status_code': 200,
      'url.path': '/users/profile',
      'url.scheme': 'http',
      'client.address': '192.0.2.1',
      'gatehouse.request_id': 'r-1',
      'gatehouse.upstream': 'http://192.0.2.9:80',
      'gatehouse.upstream_ms': 3.5,
      'gatehouse.queue_ms': 0,
      'gatehouse.tries': 1,
    },
    status: {},
  })
  assert.deepEqual([bad?.name, bad?.parentSpanId, bad?.status], ['HTTP /users', undefined, { code: 2 }])
  assert.equal(bad?.attributes['error.type'], 'service-unavailable')
  assert.deepEqual([refused?.status, refused?.attributes['error.type']], [{}, undefined])
  assert.deepEqual([exporter.exported(), exporter.dropped()], [3, 0])
})

test('what is not sampled, or no part of a trace, is not sent', async () => {
  await using collector = await startCollector()
  const { exporter } = await exporterTo(collector.url)
  exporter.record({ ...answered, traceparent: `00-${traceId}-1111111111111111-02` })
  exporter.record({ ...answered, traceparent: undefined })
  await exporter.close()
  assert.equal(collector.requests.length, 0)
})

test('a collector that hangs costs spans over the bound, never memory, and the end of the process waits a little', async () => {
  await using collector = await startCollector(() => new Promise(() => {}))
  const { exporter } = await exporterTo(collector.url)
  fill(exporter, 20_000)
  assert.equal(exporter.dropped(), 20_000 - limits.spansWaitingMax - limits.spansAtOnce)
  const begin = performance.now()
  await exporter.close()
  assert.ok(performance.now() - begin < limits.lastSpansMs + 1_000)
})

test('a collector that is away is told of once, tried again, and gets what waited', async () => {
  let status = 503
  await using collector = await startCollector(() => status)
  const { exporter, told } = await exporterTo(collector.url)
  fill(exporter, 3)
  await waitFor(() => collector.requests.length === 1, { what: 'the first try' })
  status = 200
  await waitFor(() => exporter.exported() === 3, { what: 'the next try' })
  await waitFor(() => told.length === 2, { what: 'the log' })
  assert.deepEqual(told, ['the collector does not take traces', 'the collector takes traces again'])
  assert.equal(exporter.dropped(), 0)
  await exporter.close()
})

test('what a collector refuses for good is counted and not sent again', async () => {
  await using collector = await startCollector(() => 400)
  const { exporter, told } = await exporterTo(collector.url)
  fill(exporter, 2)
  await waitFor(() => exporter.dropped() === 2, { what: 'the refusal' })
  assert.deepEqual([collector.requests.length, told.length], [1, 1])
  await exporter.close()
})

test('where nobody listens, nothing fails', async () => {
  const { exporter } = await exporterTo(`http://127.0.0.1:${await freePort()}`)
  fill(exporter, 10)
  await exporter.close()
  assert.deepEqual([exporter.exported(), exporter.dropped()], [0, 10])
})
