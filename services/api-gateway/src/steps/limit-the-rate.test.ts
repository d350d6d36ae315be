import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bearer } from '@gatehouse/contract/operation.ts'
import { Refusal, refuse } from '@gatehouse/contract/refusals.ts'
import { localRateLimits } from '@gatehouse/counters/local-rate-limits.ts'
import type { RateLimits } from '@gatehouse/counters/rate-limits.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import type { RateLimit } from '../own-route.ts'
import type { Ports } from '../ports.ts'
import { routeLimitOf } from '../route-limit.ts'
import type { Access } from '../routes.ts'
import { ask } from '../testing-ways.ts'
import { ada, adasToken, exchangeFor, startGateway, startServer } from '../testing.ts'
import { limitTheRate } from './limit-the-rate.ts'

const people: Readonly<Record<string, Bearer>> = { [adasToken]: ada, 'b.o.b': { ...ada, userId: 'user-bob' } }

const now: Ports['verify'] = (token) => {
  const caller = people[token]
  if (caller === undefined) throw refuse('token-revoked')
  return caller
}
const later: Ports['verify'] = async (token) => now(token)

type Asked = { readonly token?: string; readonly address?: string; readonly access?: Access }

/** Two requests a minute. Answers `passed`, or the code of the refusal. */
const world = (by: RateLimit['by'], verify = now, wrap = (rates: RateLimits): RateLimits => rates) => {
  const clock = movableClock()
  const rates = wrap(localRateLimits({ clock, random: Math.random }))
  const limit = routeLimitOf({ by, requests: 2, windowSeconds: 60 }, '/blog', rates)
  let verified = 0
  const step = limitTheRate({ verify: (token) => ((verified += 1), verify(token)) })
  const request = async ({ token, address = '192.0.2.7', access = 'required' }: Asked = {}) => {
    const credentials = token === undefined ? [] : ['Authorization', `Bearer ${token}`]
    const exchange = exchangeFor({ address, headers: ['Host', 'gate.test', ...credentials] })
    exchange.route = { name: '/blog', access, limit, serve: () => undefined }
    try {
      await step(exchange)
      return { outcome: 'passed', exchange }
    } catch (error) {
      return { outcome: error instanceof Refusal ? error.code : error, exchange, error }
    }
  }
  const outcomes = async (...asked: readonly Asked[]): Promise<readonly unknown[]> => {
    const all: unknown[] = []
    for (const each of asked) all.push((await request(each)).outcome)
    return all
  }
  return { clock, request, outcomes, verified: () => verified }
}

const over = 'too-many-requests'

for (const [when, verify, wrap] of [
  ['at once', now, undefined],
  ['later', later, undefined],
  ['at once, and permits later', now, elsewhere],
  ['later, and permits too', later, elsewhere],
] as const) {
  test(`callers are counted one by one, verified ${when}: from any address`, async () => {
    const { outcomes } = world('caller', verify, wrap)
    const [adas, bobs] = [{ token: adasToken }, { token: 'b.o.b' }]
    assert.deepEqual(await outcomes(adas, { ...adas, address: '192.0.2.8' }, adas, bobs, adas), [
      'passed',
      'passed',
      over,
      'passed',
      over,
    ])
  })

  test(`a bad token is nobody's, verified ${when}: it is refused, and its address is counted`, async () => {
    const { outcomes, request } = world('caller', verify, wrap)
    const bad = { token: 'b.a.d' }
    assert.deepEqual(await outcomes(bad, { token: 'c.a.d' }, bad, { ...bad, address: '192.0.2.8' }), [
      'token-revoked',
      'token-revoked',
      over,
      'token-revoked',
    ])
    assert.equal((await request({ token: adasToken })).outcome, 'passed')
  })
}

/** As when Redis has to be asked. */
function elsewhere({ limit, ...others }: RateLimits): RateLimits {
  return { ...others, limit: (quota) => async (key) => limit(quota)(key) }
}

test('where nobody is known the address is counted: of IPv6 the network, for everyone has 2^64 addresses', async () => {
  const { outcomes } = world('caller')
  const at = (address: string): Asked => ({ address, access: 'optional' })
  const asked = [at('2001:db8::1'), at('2001:db8::2'), at('2001:db8::3'), at('2001:db8:0:1::1')]
  assert.deepEqual(await outcomes(...asked), ['passed', 'passed', over, 'passed'])
})

test('where the address is counted nobody is verified, and a caller has no count of his own', async () => {
  const { outcomes, verified } = world('address')
  assert.deepEqual(await outcomes({ token: adasToken }, { token: 'b.a.d' }, { token: 'b.o.b' }), [
    'passed',
    'passed',
    over,
  ])
  assert.equal(verified(), 0)
})

test('on a public route a good token is counted as its caller, who is not introduced; a bad one as its address', async () => {
  const { request, outcomes } = world('caller')
  const open = { access: 'public' } as const
  const { outcome, exchange } = await request({ ...open, token: adasToken })
  assert.deepEqual([outcome, exchange.caller, exchange.headers], ['passed', undefined, []])
  assert.deepEqual(
    await outcomes(
      { ...open, token: 'b.a.d' },
      open,
      { ...open, token: 'c.a.d' },
      { ...open, token: adasToken },
      { ...open, token: adasToken },
    ),
    ['passed', 'passed', over, 'passed', over],
  )
})

test('who was verified here is not verified again', async () => {
  const { request } = world('caller')
  const { exchange } = await request({ token: adasToken })
  assert.equal(exchange.caller, ada)
})

test('a fault of ours is not taken for a bad token', async () => {
  const broken = new Error('broken')
  const { outcomes } = world('caller', () => {
    throw broken
  })
  assert.deepEqual(await outcomes({ token: 'a.b.c', access: 'public' }), [broken])
})

test('every answer tells the rule and what is left; a refusal tells when to come again, and then it is true', async () => {
  const { clock, request } = world('address')
  const told = []
  for (let n = 0; n < 3; n += 1) told.push((await request()).exchange.answerHeaders.slice(-4))
  const policy = ['ratelimit-policy', '"address";q=2;w=60', 'ratelimit']
  assert.deepEqual(told, [
    [...policy, '"address";r=1;t=66'],
    [...policy, '"address";r=0;t=66'],
    [...policy, '"address";r=0;t=66'],
  ])
  const { error } = await request()
  assert.equal(error instanceof Refusal && error.particulars.retryAfterSeconds, 66)
  clock.advance(66_000)
  assert.equal((await request()).outcome, 'passed')
})

test('the fields stand on every answer of a limited route, in place of those that the service says', async () => {
  await using service = await startServer((_req, res) => {
    res.writeHead(200, { 'RateLimit-Policy': '"own";q=1;w=1', RateLimit: '"own";r=0;t=1' }).end()
  })
  const rateLimit = { by: 'caller', requests: 2, windowSeconds: 60 } as const
  const upstreams = [service.url]
  await using gateway = await startGateway({
    ownRoutes: [
      { prefix: '/own', upstreams, access: 'public', rateLimit },
      { prefix: '/free', upstreams, access: 'public' },
      { prefix: '/guarded', upstreams, rateLimit },
    ],
  })
  const asked = async (path: string) => {
    const { statusCode, headers } = await ask(gateway, { path })
    return [
      statusCode,
      headers['ratelimit-policy'],
      headers['retry-after'] !== undefined,
      headers['x-request-id'] !== '',
    ]
  }
  const policy = '"caller";q=2;w=60'
  assert.deepEqual(await asked('/own/a'), [200, policy, false, true])
  assert.deepEqual(await asked('/own/b'), [200, policy, false, true])
  assert.deepEqual(await asked('/own/c'), [429, policy, true, true])
  assert.deepEqual(await asked('/guarded'), [401, policy, false, true])
  assert.deepEqual(await asked('/free'), [200, '"own";q=1;w=1', false, true])
  assert.equal((await gateway.observation(3)).code, over)
})

test("what holds for every route holds for the two services, but not for the gateway's own operations", async () => {
  await using gateway = await startGateway({
    everywhere: { rateLimit: { by: 'address', requests: 1, windowSeconds: 60 } },
  })
  const statuses = async (path: string) => {
    const answers = [await ask(gateway, { path }), await ask(gateway, { path })]
    return answers.map(({ statusCode }) => statusCode)
  }
  assert.deepEqual(await statuses('/auth/x'), [204, 429])
  assert.deepEqual(await statuses('/users/x'), [204, 429])
  for (const path of ['/health', '/openapi.json']) assert.deepEqual(await statuses(path), [200, 200])
})
