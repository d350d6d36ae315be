import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { networkOf } from './network-of.ts'

for (const [address, network] of [
  ['203.0.113.7', '203.0.113.7'],
  ['not an address', 'not an address'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8::3:4:5:6:7', '2001:db8:0:3::/64'],
  ['::', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
] as const) {
  test(`${address} is of the network ${network}`, () => {
    assert.equal(networkOf(address), network)
  })
}

test('an address has one network, however it is spelled', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      // URL writes every address in one way.
      const spelled = new URL(`http://[${address}]`).hostname.slice(1, -1)
      assert.equal(networkOf(address), networkOf(spelled))
    }),
  )
})
