import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressBehind, everyone, privateNetworks } from './client.ts'

const said = '203.0.113.7'

test('who is believed is asked of each peer anew', () => {
  const trusted = privateNetworks()
  const peers = ['10.0.0.1', '198.51.100.1', '10.0.0.1', '::1', '2001:db8::1', 'fe80::1', '127.0.0.1', '']
  assert.deepEqual(
    peers.map((peer) => addressBehind(peer, said, trusted)),
    [said, '198.51.100.1', said, said, '2001:db8::1', said, said, ''],
  )
})

test('the first peer of all is not taken for one that was looked at', () => {
  assert.equal(addressBehind('', said, privateNetworks()), '')
  assert.equal(addressBehind('198.51.100.1', said, privateNetworks()), '198.51.100.1')
})

test('a gateway in the same process is believed whoever its own peer is', () => {
  assert.equal(addressBehind('198.51.100.1', said, everyone), said)
  assert.equal(addressBehind('198.51.100.1', undefined, everyone), '198.51.100.1')
  assert.equal(addressBehind('198.51.100.1', 'nobody', everyone), '198.51.100.1')
})

test('an address of IPv4 is one, also on a socket that speaks both', () => {
  assert.equal(addressBehind('::ffff:10.0.0.1', `198.51.100.1, ::ffff:${said}`, privateNetworks()), said)
})
