import { createHash } from 'node:crypto'
import type { Ids } from '@gatehouse/ids/ids.ts'

/**
 * Identifiers that are the same in every run with the same seed, all different, in valid forms. UUIDv7s sort as
 * made.
 */
export const foreseeableIds = (seed = 'gatehouse'): Ids => {
  let made = 0
  const draw = (length: number): Buffer => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) =>
      createHash('sha256').update(`${seed}:${made}:${block}`).digest(),
    )
    made += 1
    return Buffer.concat(blocks).subarray(0, length)
  }
  return {
    uuidv4: () => uuid(draw(16), 4),
    uuidv7: () => {
      const bytes = draw(16)
      bytes.writeUIntBE(Date.UTC(2026, 0, 1) + made, 0, 6)
      return uuid(bytes, 7)
    },
    bytes: draw,
  }
}

/** RFC 9562, section 4: the version in the seventh byte, the variant in the ninth. */
const uuid = (bytes: Buffer, version: 4 | 7): string => {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
