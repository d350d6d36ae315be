import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foreseeableIds } from '@gatehouse/testing/foreseeable-ids.ts'
import { exchangeFor } from '../testing.ts'
import { nameTheRequest } from './name-the-request.ts'

const named = (...headers: readonly string[]): string => {
  const exchange = exchangeFor({ headers })
  nameTheRequest({ ids: foreseeableIds() })(exchange)
  return exchange.requestId
}

const made = named()

test('a request without an id is given a UUID', () => assert.match(made, /^[0-9a-f-]{36}$/))

for (const id of ['a', 'order-7_retry.2', 'x'.repeat(128)]) {
  test(`the client's own id is kept: ${id.slice(0, 20)}`, () => assert.equal(named('X-Request-ID', id), id))
}

for (const [what, ...headers] of [
  ['empty', 'x-request-id', ''],
  ['too long', 'x-request-id', 'x'.repeat(129)],
  ['not of the alphabet', 'x-request-id', 'a b'],
  ['not ASCII', 'x-request-id', 'caf\u00e9'],
  ['given twice', 'x-request-id', 'a', 'X-Request-Id', 'b'],
] as const) {
  test(`an id that is ${what} is replaced`, () => assert.equal(named(...headers), made))
}
