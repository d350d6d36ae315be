import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { beforeEach, test } from 'node:test'
import { movableClock, type MovableClock } from '@gatehouse/testing/movable-clock.ts'
import { knownDevices, type KnownDevices } from './known-devices.ts'

const dayMs = 86_400_000
const ada = randomUUID()

let clock: MovableClock
let devices: KnownDevices
beforeEach(() => {
  clock = movableClock()
  devices = knownDevices({ secret: 'a secret of thirty-two bytes ....', randomBytes, now: clock.now })
})

test('a device is known by a name of its own, the same each time', () => {
  const [laptop, phone] = [devices.make(ada), devices.make(ada)]
  assert.match(laptop, /^ghd_[\w-]{48}$/)
  assert.ok(devices.read(ada, laptop))
  assert.equal(devices.read(ada, laptop), devices.read(ada, laptop))
  assert.notEqual(devices.read(ada, laptop), devices.read(ada, phone))
})

test('a proof for one account proves nothing for another', () => {
  const proof = devices.make(ada)
  for (const other of [randomUUID(), '', ada.toUpperCase()]) assert.equal(devices.read(other, proof), undefined)
})

test('a proof with any letter changed, or made with another secret, is none', () => {
  const proof = devices.make(ada)
  for (let at = 0; at < proof.length; at += 1) {
    const letter = proof[at] === 'A' ? 'B' : 'A'
    assert.equal(devices.read(ada, proof.slice(0, at) + letter + proof.slice(at + 1)), undefined)
  }
  const others = knownDevices({ secret: 'another secret of thirty-two byte', randomBytes, now: clock.now })
  for (const none of [others.make(ada), '', 'ghd_', `${proof}A`, proof.slice(0, -1), ` ${proof}`, `${proof}\n`]) {
    assert.equal(devices.read(ada, none), undefined)
  }
})

test('a proof is good for a year', () => {
  const proof = devices.make(ada)
  clock.advance(365 * dayMs)
  assert.ok(devices.read(ada, proof))
  clock.advance(dayMs)
  assert.equal(devices.read(ada, proof), undefined)
})

test('a proof outlives a restart, for it is kept by the device alone', () => {
  const proof = devices.make(ada)
  const restarted = knownDevices({ secret: 'a secret of thirty-two bytes ....', randomBytes, now: clock.now })
  assert.equal(restarted.read(ada, proof), devices.read(ada, proof))
})
