import { randomBytes, randomUUID } from 'node:crypto'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Ids } from '@gatehouse/ids/ids.ts'

/** The machine's own time. */
export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** Identifiers from the operating system's randomness. */
export const systemIds: Ids = {
  uuidv4: () => randomUUID(),
  uuidv7: () => uuidv7(systemClock.now(), randomBytes(10)),
  bytes: (length) => randomBytes(length),
}

/** RFC 9562, section 5.7: 48 bits of milliseconds, then version, variant and 74 random bits. */
const uuidv7 = (now: number, random: Buffer): string => {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(now, 0, 6)
  random.copy(bytes, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
