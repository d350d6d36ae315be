import { deepEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lineCutter } from './ndjson.ts'

test('lines come out as they went in, wherever the chunks are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n'))),
      fc.array(fc.nat(40)),
      (lines, sizes) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''))
        const got: string[] = []
        const cut = lineCutter(10_000, (text) => got.push(text))
        let from = 0
        for (const size of sizes) {
          cut(bytes.subarray(from, from + size))
          from += size
        }
        cut(bytes.subarray(from))
        deepEqual(got, lines)
      },
    ),
  )
})

test('a line that does not end is refused at its bound, in one chunk or in many', () => {
  throws(() => lineCutter(10, () => {})(Buffer.from('x'.repeat(11))), /longer than 10 bytes/)
  const cut = lineCutter(10, () => {})
  cut(Buffer.from('a'.repeat(10)))
  throws(() => cut(Buffer.from('a')), /longer than 10 bytes/)
  throws(() => lineCutter(10, () => {})(Buffer.from(`${'x'.repeat(11)}\n`)), /longer than 10 bytes/)
})
