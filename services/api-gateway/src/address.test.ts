import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf } from './address.ts'

for (const [text, address] of [
  ['192.0.2.7', '192.0.2.7'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:0207', '192.0.2.7'],
  ['::1', '::1'],
  ['', undefined],
  ['192.0.2.07', undefined],
  ['192.0.2', undefined],
  ['fe80::1%eth0', undefined],
  ['gate.test', undefined],
  ['1.2.3.4\r\nx-user-id: mallory', undefined],
] as const) {
  test(`${JSON.stringify(text)} is ${address ?? 'no address'}`, () => assert.equal(addressOf(text), address))
}
