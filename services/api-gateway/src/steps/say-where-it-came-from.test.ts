import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exchangeFor } from '../testing.ts'
import { sayWhereItCameFrom } from './say-where-it-came-from.ts'

const said = (exchange: ReturnType<typeof exchangeFor>): readonly string[] => {
  sayWhereItCameFrom(exchange)
  return exchange.headers
}

test('the service is told the address of the peer, the scheme and the name it was called by', () => {
  assert.deepEqual(said(exchangeFor()), [
    'x-forwarded-for',
    '192.0.2.7',
    'x-forwarded-proto',
    'http',
    'x-forwarded-host',
    'gate.test',
  ])
})

test('an IPv4 address is written as one, also on a socket that speaks IPv6', () => {
  assert.equal(said(exchangeFor({ address: '::ffff:192.0.2.7' }))[1], '192.0.2.7')
})

test('a request without Host is given none', () => {
  assert.ok(!said(exchangeFor({ httpVersion: '1.0', headers: [] })).includes('x-forwarded-host'))
})
