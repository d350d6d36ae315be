import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assertProperty } from '@gatehouse/testing/assert-property.ts'
import { closeFrame, frameBoundary } from './frame-boundary.ts'

type Frame = { readonly opcode: number; readonly length: number; readonly masked: boolean }

const bytesOf = ({ opcode, length, masked }: Frame): Buffer => {
  const mask = masked ? 0x80 : 0
  const extended = length > 0xffff ? Buffer.alloc(8) : length > 125 ? Buffer.alloc(2) : Buffer.alloc(0)
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(length))
  if (extended.length === 2) extended.writeUInt16BE(length)
  const short = extended.length === 8 ? 127 : extended.length === 2 ? 126 : length
  return Buffer.concat([
    Buffer.from([0x80 | opcode, mask | short]),
    extended,
    Buffer.alloc(masked ? 4 : 0, 0x88),
    // Looks like the beginning of close frames, which a payload is never taken for.
    Buffer.alloc(length, 0x88),
  ])
}

const frame = fc.record({
  opcode: fc.constantFrom(0, 1, 2, 9, 10),
  length: fc.oneof(fc.nat(130), fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000)),
  masked: fc.boolean(),
})

test('however the bytes are cut, a boundary is where a frame has ended and nowhere else', () =>
  assertProperty(
    'frame-boundary',
    fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (frames, cuts) => {
      const pieces = frames.map(bytesOf)
      const whole = Buffer.concat(pieces)
      const ends = new Set([0])
      let end = 0
      for (const { length } of pieces) ends.add((end += length))
      const places = [...cuts.map((cut) => cut % (whole.length + 1)), whole.length].toSorted((a, b) => a - b)
      const boundary = frameBoundary()
      let at = 0
      for (const place of places) {
        boundary.pass(whole.subarray(at, place))
        at = place
        assert.equal(boundary.isOpenForClose(), ends.has(place))
      }
    }),
    { numRuns: 300 },
  ))

test('behind a close frame there is no place for another', () => {
  const boundary = frameBoundary()
  boundary.pass(closeFrame(1000, ''))
  assert.equal(boundary.isOpenForClose(), false)
})

test('a close frame holds its status and its reason, unmasked', () => {
  assert.deepEqual(
    closeFrame(3000, 'token-revoked'),
    Buffer.from([0x88, 15, 0x0b, 0xb8, ...Buffer.from('token-revoked')]),
  )
})
