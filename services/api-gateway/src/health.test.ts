import assert from 'node:assert/strict'
import { test } from 'node:test'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { healthOf } from './health.ts'
import { inProcessUpstream } from './in-process-upstream.ts'

test('however many ask while the services are being asked, each service is asked once', async () => {
  let probes = 0
  const probe = async () => {
    probes += 1
    return true
  }
  const upstream = inProcessUpstream({ listener: () => {}, probe })
  const health = healthOf({ upstreams: { 'auth-service': upstream, 'user-service': upstream }, clock: movableClock() })
  const answers = await Promise.all(Array.from({ length: 50 }, async () => health()))
  assert.deepEqual([new Set(answers).size, probes], [1, 2])
})
