import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OwnRoute } from './own-route.ts'
import { ownUpstreams } from './own-upstreams.ts'
import { routeDefaults } from './route-grammar.ts'
import { networked } from './testing.ts'

const route = (members: Partial<OwnRoute>): OwnRoute => ({
  ...routeDefaults,
  prefix: '/blog',
  upstreams: ['http://127.0.0.1:1'],
  ...members,
})

const opened = () => {
  const reached: OwnRoute[] = []
  const find = ownUpstreams((of) => {
    reached.push(of)
    return networked(of.upstreams)
  })
  return {
    reached,
    ways: async (...routes: readonly OwnRoute[]) => (await find({ routes })).routes.map(({ to }) => to),
  }
}

for (const [what, changed] of [
  ['its prefix', { prefix: '/log' }],
  ['who may use it', { access: 'public' }],
  [
    'its methods and limits',
    { methods: ['GET'], bodyBytesMax: 1, rateLimit: { by: 'address', requests: 1, windowSeconds: 1 } },
  ],
  ['what of the path goes on', { stripPrefix: true }],
  ['nothing', {}],
] as const) {
  test(`a route keeps its upstream when it changes ${what}`, async () => {
    const { ways, reached } = opened()
    const [before] = await ways(route({}))
    const [after] = await ways(route(changed))
    assert.equal(after, before)
    assert.equal(reached.length, 1)
  })
}

for (const [what, changed] of [
  ['the replicas', { upstreams: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] }],
  ['the timeouts', { timeouts: { ...routeDefaults.timeouts, connectMs: 1 } }],
  ['the retries', { retriesMax: 0 }],
  ['the check', { check: { path: '/', everyMs: 1, timeoutMs: 1 } }],
] as const) {
  test(`a route gets another upstream when it changes ${what}`, async () => {
    const { ways } = opened()
    const [before] = await ways(route({}))
    const [after] = await ways(route(changed))
    assert.notEqual(after, before)
  })
}

test('two routes that say the same of their service share its upstream', async () => {
  const { ways, reached } = opened()
  const [one, other] = await ways(route({}), route({ prefix: '/log' }))
  assert.equal(one, other)
  assert.equal(reached.length, 1)
})

test('an upstream that was gone for one file is made anew', async () => {
  const { ways } = opened()
  const [before] = await ways(route({}))
  await ways()
  const [after] = await ways(route({}))
  assert.notEqual(after, before)
})
