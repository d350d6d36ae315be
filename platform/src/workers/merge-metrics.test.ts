import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeMetrics } from './merge-metrics.ts'

const page = (count: number): string => `# HELP requests_total All of them.
# TYPE requests_total counter
requests_total{route="/own {x}"} ${count}
requests_total ${count}
# HELP empty Nothing yet.
# TYPE empty gauge
`

test('each family is told once, with the samples of every worker under their own label', () => {
  const one = page(1)
  const two = `${page(2)}# TYPE alone gauge\nalone 5\n`
  assert.equal(
    mergeMetrics(
      new Map([
        ['1', one],
        ['2', two],
      ]),
    ),
    `# HELP requests_total All of them.
# TYPE requests_total counter
requests_total{worker="1",route="/own {x}"} 1
requests_total{worker="1"} 1
requests_total{worker="2",route="/own {x}"} 2
requests_total{worker="2"} 2
# HELP empty Nothing yet.
# TYPE empty gauge

# TYPE alone gauge
alone{worker="2"} 5
`,
  )
})
