/** A time for each of very many UUIDs. */
export type UuidTimes = {
  readonly get: (uuid: string) => number | undefined
  /** Takes whole numbers from 1; false, and nothing is kept, for a string that is not a UUID in its one spelling. */
  readonly set: (uuid: string, time: number) => boolean
  /** Removes what is over at this time in one of the shards, the next at each call. */
  readonly sweep: (now: number) => void
  readonly size: () => number
}

// A table of a million stands still for a while when it grows; a thousand small ones never do.
const shardCount = 1024

/** Of a slot: four of the UUID, and the time, which is 0 in an empty one. */
const wordsInSlot = 5
const timeAt = 4
const slotsAtFirst = 16
const fullAt = 0.75

type Shard = { slots: Uint32Array; count: number }

/**
 * An open-addressed table of numbers: 30 bytes to a UUID where a Map of strings takes 90, and nothing for the collector
 * to walk through, which it did at every one of its rounds. The last eight digits of a UUID say where to look: they are
 * random in those that we make (versions 4 and 7).
 */
export const uuidTimes = (): UuidTimes => {
  const shards = Array.from({ length: shardCount }, (): Shard => ({ slots: empty(0), count: 0 }))
  let next = 0
  let size = 0
  const shardOf = (tail: number): Shard | undefined => shards[tail & (shardCount - 1)]

  return {
    get: (uuid) => {
      if (size === 0 || uuid.length !== uuidLength) return undefined
      const tail = wordAt(uuid, tailAt, tailAt + 4)
      const slots = shardOf(tail)?.slots
      if (slots === undefined || slots.length === 0) return undefined
      for (let at = firstSlot(slots, tail); ; at = slotAfter(slots, at)) {
        const time = slots[at + timeAt]
        if (time === 0) return undefined
        if (slots[at + 3] === tail && holds(slots, at, uuid) && canonical.test(uuid)) return time
      }
    },
    set: (uuid, time) => {
      if (!canonical.test(uuid)) return false
      const tail = wordAt(uuid, tailAt, tailAt + 4)
      const shard = shardOf(tail)
      if (shard === undefined) return false
      const capacity = shard.slots.length / wordsInSlot
      if (shard.count + 1 > capacity * fullAt) {
        shard.slots = moved(shard.slots, Math.max(slotsAtFirst, Math.floor(capacity * 1.5)), 0)
      }
      const { slots } = shard
      let at = firstSlot(slots, tail)
      while (slots[at + timeAt] !== 0 && !(slots[at + 3] === tail && holds(slots, at, uuid))) at = slotAfter(slots, at)
      if (slots[at + timeAt] === 0) {
        shard.count += 1
        size += 1
      }
      slots.set([wordAt(uuid, 0, 4), wordAt(uuid, 9, 14), wordAt(uuid, 19, 24), tail, time], at)
      return true
    },
    sweep: (now) => {
      const shard = shards[next]
      next = (next + 1) % shardCount
      if (shard === undefined) return
      const living = countAfter(shard.slots, now)
      if (living === shard.count) return
      size -= shard.count - living
      shard.count = living
      // Smaller again, too: what one bad day has made large need not stay so.
      shard.slots = moved(shard.slots, living === 0 ? 0 : Math.max(slotsAtFirst, Math.ceil(living / roomyAt)), now)
    },
    size: () => size,
  }
}

const roomyAt = 0.6

const empty = (capacity: number): Uint32Array => new Uint32Array(capacity * wordsInSlot)

const firstSlot = ({ length }: Uint32Array, tail: number): number =>
  ((tail >>> 10) % (length / wordsInSlot)) * wordsInSlot

const slotAfter = ({ length }: Uint32Array, at: number): number => (at + wordsInSlot === length ? 0 : at + wordsInSlot)

const holds = (slots: Uint32Array, at: number, uuid: string): boolean =>
  slots[at] === wordAt(uuid, 0, 4) && slots[at + 1] === wordAt(uuid, 9, 14) && slots[at + 2] === wordAt(uuid, 19, 24)

const countAfter = (slots: Uint32Array, now: number): number => {
  let count = 0
  for (let at = timeAt; at < slots.length; at += wordsInSlot) if (isAfter(slots[at], now)) count += 1
  return count
}

/** A table of another size with what is not over at this time. */
const moved = (from: Uint32Array, capacity: number, now: number): Uint32Array => {
  const to = empty(capacity)
  for (let at = 0; at < from.length; at += wordsInSlot) {
    if (!isAfter(from[at + timeAt], now)) continue
    let free = firstSlot(to, from[at + 3] ?? 0)
    while (to[free + timeAt] !== 0) free = slotAfter(to, free)
    to.set(from.subarray(at, at + wordsInSlot), free)
  }
  return to
}

/** An empty slot is never after anything. */
const isAfter = (time: number | undefined, now: number): boolean => time !== undefined && time > Math.max(now, 0)

const uuidLength = 36
const tailAt = 28
const canonical = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/** Eight hexadecimal digits, four here and four there, as a number of 32 bits. Whether they are digits is not asked. */
const wordAt = (uuid: string, here: number, there: number): number =>
  ((fourAt(uuid, here) << 16) | fourAt(uuid, there)) >>> 0

const fourAt = (uuid: string, at: number): number =>
  (digitAt(uuid, at) << 12) | (digitAt(uuid, at + 1) << 8) | (digitAt(uuid, at + 2) << 4) | digitAt(uuid, at + 3)

/** `0` to `9` end in 0 to 9, and `a` to `f` in 1 to 6. */
const digitAt = (uuid: string, at: number): number => {
  const code = uuid.charCodeAt(at)
  return (code & 0xf) + (code > 0x40 ? 9 : 0)
}
