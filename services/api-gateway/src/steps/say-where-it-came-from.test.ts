import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exchangeFor } from '../testing.ts'
import { sayWhereItCameFrom } from './say-where-it-came-from.ts'

const said = (exchange: ReturnType<typeof exchangeFor>): readonly string[] => {
  sayWhereItCameFrom(exchange)
  return exchange.headers
}

test('the service is told the address of the client, the scheme and the name it was called by, in both ways', () => {
  assert.deepEqual(said(exchangeFor()), [
    'x-forwarded-for',
    '192.0.2.7',
    'x-forwarded-proto',
    'http',
    'x-forwarded-host',
    'gate.test',
    'forwarded',
    'for=192.0.2.7;host="gate.test";proto=http',
  ])
})

test('an IPv4 address is written as one, also on a socket that speaks IPv6', () => {
  assert.equal(said(exchangeFor({ address: '::ffff:192.0.2.7' }))[1], '192.0.2.7')
})

test('an IPv6 address is quoted where the standard wants it', () => {
  assert.equal(said(exchangeFor({ address: '2001:db8::7' })).at(-1), 'for="[2001:db8::7]";host="gate.test";proto=http')
})

test('what a trusted proxy said of the client is told, and no other name', () => {
  const exchange = exchangeFor()
  Object.assign(exchange, { address: '203.0.113.9', encrypted: true, calledHost: 'shop.test' })
  const fields = said(exchange)
  assert.deepEqual(fields.slice(0, 6), [
    'x-forwarded-for',
    '203.0.113.9',
    'x-forwarded-proto',
    'https',
    'x-forwarded-host',
    'shop.test',
  ])
  assert.equal(fields.at(-1), 'for=203.0.113.9;host="shop.test";proto=https')
})

test('a request without Host is given none', () => {
  assert.deepEqual(said(exchangeFor({ httpVersion: '1.0', headers: [] })).slice(4), [
    'forwarded',
    'for=192.0.2.7;proto=http',
  ])
})
