import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answered } from './answered.ts'
import { openMetrics } from './metrics.ts'

const answered: Answered = {
  requestId: 'r',
  method: 'GET',
  route: '/users',
  path: '/users/profile',
  status: 200,
  durationMs: 4,
  address: '127.0.0.1',
}

const lineOf = async (metrics: { readonly text: () => Promise<string> }, start: string): Promise<string | undefined> =>
  (await metrics.text()).split('\n').find((line) => line.startsWith(start))

test('an answer is counted once, by route, method and status, with the time it took in seconds', async () => {
  const metrics = openMetrics({ service: 'api-gateway' })
  metrics.answered(answered)
  const labels = 'service="api-gateway",route="/users",method="GET",status="200"'
  assert.equal(
    await lineOf(metrics, 'http_request_duration_seconds_count'),
    `http_request_duration_seconds_count{${labels}} 1`,
  )
  assert.equal(
    await lineOf(metrics, 'http_request_duration_seconds_sum'),
    `http_request_duration_seconds_sum{${labels}} 0.004`,
  )
  assert.equal(await lineOf(metrics, 'http_refusals_total{'), undefined)
})

test('methods and statuses that someone invents share one label', async () => {
  const metrics = openMetrics({ service: 'api-gateway' })
  for (let made = 0; made < 500; made += 1) metrics.answered({ ...answered, method: `M${made}`, status: 600 + made })
  const series = (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith('http_request_duration_seconds_count'))
  assert.deepEqual(series, [
    'http_request_duration_seconds_count{service="api-gateway",route="/users",method="other",status="other"} 500',
  ])
})

test('a refusal is counted by its code', async () => {
  const metrics = openMetrics({ service: 'api-gateway' })
  metrics.answered({ ...answered, status: 503, code: 'service-unavailable' })
  assert.match((await lineOf(metrics, 'http_refusals_total{')) ?? '', /code="service-unavailable".* 1$/)
})

test('a gauge is read when it is asked for, and is absent while nobody knows', async () => {
  const metrics = openMetrics({ service: 'user-service' })
  const news: { staleness?: number } = {}
  metrics.gauge('revocation_staleness_seconds', 'How old the news is.', () => news.staleness)
  assert.equal(await lineOf(metrics, 'revocation_staleness_seconds'), undefined)
  news.staleness = 1.5
  assert.equal(
    await lineOf(metrics, 'revocation_staleness_seconds'),
    'revocation_staleness_seconds{service="user-service"} 1.5',
  )
})

test('the time that upstreams take is counted by route, where one was asked', async () => {
  const metrics = openMetrics({ service: 'api-gateway' })
  metrics.answered(answered)
  assert.equal(await lineOf(metrics, 'http_upstream_duration_seconds_count'), undefined)
  metrics.answered({ ...answered, upstreamMs: 3 })
  const labels = 'service="api-gateway",route="/users"'
  for (const [le, count] of [
    ['0.0025', 0],
    ['0.005', 1],
    ['+Inf', 1],
  ] as const) {
    const bucket = `http_upstream_duration_seconds_bucket{${labels},le="${le}"}`
    assert.equal(await lineOf(metrics, bucket), `${bucket} ${count}`)
  }
  assert.equal(
    await lineOf(metrics, 'http_upstream_duration_seconds_sum'),
    `http_upstream_duration_seconds_sum{${labels}} 0.003`,
  )
})

test('what was handed to an origin once more is counted', async () => {
  const metrics = openMetrics({ service: 'api-gateway' })
  for (const tries of [1, 3, 1, 2]) metrics.answered({ ...answered, upstreamMs: 1, tries })
  assert.equal(
    await lineOf(metrics, 'http_upstream_retries_total'),
    'http_upstream_retries_total{service="api-gateway",route="/users"} 3',
  )
})

test('routes without end share one label from some number on', async () => {
  const metrics = openMetrics({ service: 'api-gateway' })
  for (let made = 0; made < 3_000; made += 1) metrics.answered({ ...answered, route: `/r${made}` })
  const counts = (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith('http_request_duration_seconds_count'))
  assert.equal(counts.length, 1_025)
  assert.match(counts.at(-1) ?? '', /route="other".* 1976$/)
})

test('whoever counts keeps the count, and it is read when it is asked for', async () => {
  const metrics = openMetrics({ service: 'api-gateway' })
  let lost = 0
  const failures = new Map([['http://192.0.2.1:80', 2]])
  metrics.counter('things_lost_total', 'Things lost.', () => lost)
  metrics.counters('connect_failures_total', 'Connections that failed.', 'upstream', () => failures)
  metrics.gauges('places_taken', 'Places taken.', 'place', () => [['a "b" \\\n', 1]])
  lost = 7
  assert.equal(await lineOf(metrics, 'things_lost_total'), 'things_lost_total{service="api-gateway"} 7')
  assert.equal(
    await lineOf(metrics, 'connect_failures_total'),
    'connect_failures_total{service="api-gateway",upstream="http://192.0.2.1:80"} 2',
  )
  assert.equal(
    await lineOf(metrics, 'places_taken'),
    String.raw`places_taken{service="api-gateway",place="a \"b\" \\\n"} 1`,
  )
})

test('two processes in one test do not share their counts, and each tells of the process itself', async () => {
  const one = openMetrics({ service: 'one' })
  const other = openMetrics({ service: 'other' })
  one.answered(answered)
  assert.equal(await lineOf(other, 'http_request_duration_seconds_count'), undefined)
  assert.match((await lineOf(other, 'process_resident_memory_bytes')) ?? '', /service="other"/)
})
