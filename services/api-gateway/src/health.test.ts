import assert from 'node:assert/strict'
import { test } from 'node:test'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { healthOf } from './health.ts'
import { inProcessUpstream } from './in-process-upstream.ts'
import { limits } from './limits.ts'

/** The gateway's health over two services whose probes are counted, and what they answer from now on. */
const house = () => {
  const clock = movableClock()
  const state = { isWell: true, probes: 0 }
  const upstream = inProcessUpstream({
    listener: () => {},
    probe: async () => {
      state.probes += 1
      return state.isWell
    },
  })
  return {
    clock,
    state,
    health: healthOf({ upstreams: { 'auth-service': upstream, 'user-service': upstream }, clock }),
  }
}

test('however many ask while the services are being asked, each service is asked once', async () => {
  const { state, health } = house()
  const answers = await Promise.all(Array.from({ length: 50 }, async () => health()))
  assert.deepEqual([new Set(answers).size, state.probes], [1, 2])
})

test('a thousand questions a second, for a minute, cost each service at most one a second', async () => {
  const { clock, state, health } = house()
  const seconds = 60
  for (let asked = 0; asked < seconds * 1_000; asked += 1) {
    await health()
    clock.advance(1)
  }
  assert.equal(state.probes, 2 * Math.ceil((seconds * 1_000) / limits.probeAgeMs))
})

test('who asks rarely is told what is so now, not what was so when somebody asked last', async () => {
  const { clock, state, health } = house()
  assert.match(await health(), /"auth_service":true/)
  clock.advance(3_600_000)
  state.isWell = false
  assert.match(await health(), /"auth_service":false/)
})

test('a service that died is told as dead a second later at most, and as well again as soon', async () => {
  const { clock, state, health } = house()
  await health()
  for (const isWell of [false, true]) {
    state.isWell = isWell
    clock.advance(limits.probeAgeMs)
    assert.ok((await health()).includes(`"auth_service":${isWell}`))
  }
  assert.ok(limits.probeAgeMs <= 1_000)
})

test(
  'a service that does not say how it is is not well, and holds nobody up for long',
  { timeout: 10_000 },
  async () => {
    const silent = inProcessUpstream({ listener: () => {}, probe: () => new Promise(() => {}) })
    const well = inProcessUpstream({ listener: () => {}, probe: async () => true })
    const health = healthOf({ upstreams: { 'auth-service': silent, 'user-service': well }, clock: movableClock() })
    assert.match(await health(), /"auth_service":false,"user_service":true/)
  },
)
