import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bearer } from '@gatehouse/contract/operation.ts'
import { Refusal, refuse } from '@gatehouse/contract/refusals.ts'
import type { Access } from '../routes.ts'
import { ada, adasToken, exchangeFor } from '../testing.ts'
import { authenticate } from './authenticate.ts'

const now = (token: string): Bearer => {
  if (token !== adasToken) throw refuse('token-revoked')
  return ada
}
const later = async (token: string): Promise<Bearer> => now(token)

const asked = (access: Access, ...credentials: readonly string[]) => {
  const headers = ['Host', 'gate.test', ...credentials.flatMap((value) => ['Authorization', value])]
  const exchange = exchangeFor({ headers })
  exchange.route = { name: '/blog', access, serve: () => undefined }
  return exchange
}

const identity = ['x-user-id', ada.userId, 'x-session-id', ada.sessionId]

for (const [when, verify] of [
  ['at once', now],
  ['later', later],
] as const) {
  for (const access of ['required', 'optional'] as const) {
    test(`a good token on a route where one is ${access}, verified ${when}, introduces the caller`, async () => {
      const exchange = asked(access, `Bearer ${adasToken}`)
      await authenticate({ verify })(exchange)
      assert.deepEqual([exchange.caller, exchange.headers], [ada, identity])
    })

    test(`a bad token on a route where one is ${access}, verified ${when}, is refused`, async () => {
      const exchange = asked(access, 'Bearer a.b.c')
      await assert.rejects(
        async () => authenticate({ verify })(exchange),
        (error) => error instanceof Refusal && error.code === 'token-revoked',
      )
      assert.deepEqual([exchange.caller, exchange.headers], [undefined, []])
    })
  }
}

test('without a token, a route that requires one refuses', () => {
  assert.throws(
    () => authenticate({ verify: now })(asked('required')),
    (error) => error instanceof Refusal && error.code === 'token-missing',
  )
})

test('without a token, an optional route lets pass and introduces nobody', () => {
  const exchange = asked('optional')
  assert.equal(authenticate({ verify: now })(exchange), undefined)
  assert.deepEqual([exchange.caller, exchange.headers], [undefined, []])
})

test('a public route looks at no token, however bad', () => {
  const exchange = asked('public', 'Bearer a.b.c')
  assert.equal(authenticate({ verify: now })(exchange), undefined)
  assert.equal(exchange.caller, undefined)
})
