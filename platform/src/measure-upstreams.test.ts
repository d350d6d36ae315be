import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Upstream, UpstreamState } from '@gatehouse/api-gateway/ports.ts'
import { openMetrics } from '@gatehouse/observe/metrics.ts'
import { measureUpstreams, type NamedUpstream } from './measure-upstreams.ts'

const upstream = (state: UpstreamState): Upstream => ({
  forward: async () => {},
  healthy: async () => true,
  state: () => state,
  close: async () => {},
})

const origin = (state: 'in-use' | 'ejected' | 'ill') => ({ origin: 'http://192.0.2.1', underWay: 0, state })

test('an upstream is told of as it is when somebody asks, and not at all once no route leads to it', async () => {
  const metrics = openMetrics({ service: 'x' })
  const shop = { underWay: 3, failures: 7, circuit: 'open', origins: [origin('in-use'), origin('ill')] } as const
  const here = { underWay: 0, failures: 0, circuit: 'closed', origins: [] } as const
  let inForce: readonly NamedUpstream[] = [
    ['/shop', upstream(shop)],
    ['/auth', upstream(here)],
  ]
  measureUpstreams(metrics, () => inForce)
  const lines = async (): Promise<readonly string[]> =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith('upstream_'))
  const labels = '{service="x",route="/shop"}'
  assert.deepEqual(await lines(), [
    `upstream_requests_in_flight${labels} 3`,
    `upstream_failures_total${labels} 7`,
    `upstream_origins${labels} 2`,
    `upstream_origins_out${labels} 1`,
    `upstream_circuit_open${labels} 1`,
  ])
  inForce = []
  assert.deepEqual(await lines(), [])
})
