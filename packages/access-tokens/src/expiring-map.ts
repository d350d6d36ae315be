import { fnv1a } from '@gatehouse/ids/fnv.ts'

/** Entries that are no longer needed after a time. */
export type ExpiringMap<Value> = {
  readonly get: (key: string) => Value | undefined
  readonly set: (key: string, value: Value) => void
  /** Removes what is over in one of the shards, the next at each call. */
  readonly sweep: (isOver: (value: Value) => boolean) => void
  readonly size: () => number
}

// One Map of a million entries stands still for some 50 ms when it grows, and for as long when it is walked through.
const shardCount = 1024

/** A map in shards, so that neither its growth nor the removal of what is over ever holds up a request. */
export const expiringMap = <Value>(): ExpiringMap<Value> => {
  const shards = Array.from({ length: shardCount }, () => new Map<string, Value>())
  const [first = new Map<string, Value>()] = shards
  let next = 0
  let size = 0
  const shardOf = (key: string): Map<string, Value> => shards[shardNumber(key)] ?? first
  return {
    // Most nodes hold nothing most of the time, and are asked at every request.
    get: (key) => (size === 0 ? undefined : shardOf(key).get(key)),
    set: (key, value) => {
      const shard = shardOf(key)
      size -= shard.size
      size += shard.set(key, value).size
    },
    sweep: (isOver) => {
      const shard = shards[next] ?? first
      next = (next + 1) % shardCount
      size -= shard.size
      for (const [key, value] of shard) if (isOver(value)) shard.delete(key)
      size += shard.size
    },
    size: () => size,
  }
}

/** By the last eight characters, stirred once more: the end of a UUID is random, but hexadecimal digits spread badly. */
const shardNumber = (key: string): number => {
  const hash = fnv1a(key, Math.max(0, key.length - 8), key.length, 0)
  return (Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 16) & (shardCount - 1)
}
