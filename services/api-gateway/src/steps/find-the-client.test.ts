import assert from 'node:assert/strict'
import { BlockList } from 'node:net'
import { test } from 'node:test'
import fastCheck from 'fast-check'
import { limits } from '../limits.ts'
import { exchangeFor } from '../testing.ts'
import { findTheClient } from './find-the-client.ts'

const trusted = new BlockList()
trusted.addSubnet('10.0.0.0', 8, 'ipv4')
trusted.addSubnet('2001:db8:ffff::', 48, 'ipv6')

const found = (headers: readonly string[], address = '10.0.0.1') => {
  const exchange = exchangeFor({ headers: ['Host', 'gate.test', ...headers], address })
  findTheClient(trusted)(exchange)
  return exchange
}

const both = (value: string) => [
  ['X-Forwarded-For', value],
  [
    'Forwarded',
    value
      .split(',')
      .map((hop) => `for="${hop.trim()}"`)
      .join(', '),
  ],
]

for (const [what, value, client] of [
  ['one client', '203.0.113.9', '203.0.113.9'],
  ['what the client claims stands left of it', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
  ['trusted hops are passed', '1.1.1.1, 203.0.113.9, 10.9.9.9, 10.0.0.2', '203.0.113.9'],
  ['trusted hops alone: the first of them', '10.3.3.3, 10.2.2.2', '10.3.3.3'],
  ['IPv6', '2001:db8::7, 2001:db8:ffff::1', '2001:db8::7'],
  ['IPv6 in another spelling', '2001:DB8:0::7', '2001:db8::7'],
  ['IPv4 as IPv6 writes it', '203.0.113.9, ::ffff:10.0.0.2', '203.0.113.9'],
  ['ports', '203.0.113.9:4711, 10.0.0.2:80', '203.0.113.9'],
  ['IPv6 with a port', '[2001:db8::7]:4711', '2001:db8::7'],
  ['nonsense ends the walk before it', '203.0.113.9, nonsense, 10.0.0.2', '10.0.0.2'],
  ['nonsense next to us', '203.0.113.9, unknown', '10.0.0.1'],
  ['a hidden name', '203.0.113.9, _secret', '10.0.0.1'],
  ['nothing', '', '10.0.0.1'],
  ['an empty place', '203.0.113.9, , 10.0.0.2', '10.0.0.2'],
  ['a zone', 'fe80::1%anything', '10.0.0.1'],
] as const) {
  for (const [name = '', text = ''] of both(value)) {
    test(`${name}: ${what}: ${value}`, () => assert.equal(found([name, text]).address, client))
  }
}

test('nobody who is not trusted is believed', () => {
  const lies = ['X-Forwarded-For', '1.1.1.1', 'Forwarded', 'for=1.1.1.1', 'X-Forwarded-Proto', 'https']
  const { address, encrypted, calledHost } = found([...lies, 'X-Forwarded-Host', 'evil.test'], '203.0.113.9')
  assert.deepEqual([address, encrypted, calledHost], ['203.0.113.9', false, undefined])
})

test('fields that are said twice are one list, and only their own spelling is read', () => {
  const headers = ['x-forwarded-for', '1.1.1.1', 'X-FORWARDED-FOR', '203.0.113.9', 'X_Forwarded_For', '2.2.2.2']
  assert.equal(found(headers).address, '203.0.113.9')
})

test('where the two kinds of field disagree, one of them is the client’s own: neither is believed', () => {
  const { address, encrypted } = found(['X-Forwarded-For', '1.1.1.1', 'Forwarded', 'for=203.0.113.9;proto=https'])
  assert.deepEqual([address, encrypted], ['10.0.0.1', false])
})

test('where they agree, both are', () => {
  const { address, encrypted } = found(['X-Forwarded-For', '203.0.113.9', 'Forwarded', 'for=203.0.113.9;proto=https'])
  assert.deepEqual([address, encrypted], ['203.0.113.9', true])
})

for (const [what, headers, encrypted, host] of [
  ['https', ['X-Forwarded-Proto', 'https'], true, undefined],
  ['WebSocket over TLS', ['X-Forwarded-Proto', 'wss'], true, undefined],
  ['the nearest proxy is believed', ['X-Forwarded-Proto', 'https, http'], false, undefined],
  ['no scheme', ['X-Forwarded-Proto', 'gopher'], false, undefined],
  ['a host', ['X-Forwarded-Host', 'shop.test:8443'], false, 'shop.test:8443'],
  ['no host', ['X-Forwarded-Host', 'shop.test/"'], false, undefined],
  ['the standard', ['Forwarded', 'For=1.2.3.4;Proto=https;Host="shop.test:1"'], true, 'shop.test:1'],
  ['another proxy’s part', ['Forwarded', 'for=1.2.3.4;host=a.test, for=10.0.0.2;host=b.test'], false, 'a.test'],
  ['a name given twice', ['Forwarded', 'for=1.2.3.4;proto=https;proto=http'], false, undefined],
] as const) {
  test(`scheme and host: ${what}`, () => {
    const exchange = found(headers)
    assert.deepEqual([exchange.encrypted, exchange.calledHost], [encrypted, host])
  })
}

test('a quote that the client leaves open swallows nothing of what the proxy wrote', () => {
  for (const left of ['for="1.1.1.1', 'for="1.1.1.1\\', '"', 'for=1.1.1.1;host="']) {
    assert.equal(found(['Forwarded', `${left}, for=203.0.113.9`]).address, '203.0.113.9')
  }
})

test('a chain that is longer than any real one is believed up to its limit', () => {
  const hops = Array.from({ length: 1_000 }, (_, at) => `10.1.${Math.floor(at / 250)}.${at % 250}`)
  assert.equal(found(['X-Forwarded-For', hops.join(',')]).address, hops.at(-limits.forwardedHopsMax))
})

test('whatever the client wrote before it, the address that the proxy wrote is found', () => {
  const text = fastCheck.string({ unit: 'grapheme-ascii', maxLength: 60 })
  fastCheck.assert(
    fastCheck.property(text, (left) => {
      assert.equal(found(['X-Forwarded-For', `${left.replaceAll('"', '')}, 203.0.113.9`]).address, '203.0.113.9')
      assert.equal(found(['Forwarded', `${left}, for=203.0.113.9`]).address, '203.0.113.9')
    }),
  )
})
