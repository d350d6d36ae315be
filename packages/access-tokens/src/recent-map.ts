/** A map that keeps what was used lately and forgets the rest. */
export type RecentMap<Value> = {
  readonly get: (key: string) => Value | undefined
  readonly set: (key: string, value: Value) => void
}

/**
 * Two generations instead of a list of uses: when the young one is full it becomes the old one, and the old one is
 * dropped whole. A hit in the young one is a single look-up and writes nothing. Holds at most `entriesMax` entries, and
 * at least the last half of that used.
 */
export const recentMap = <Value>(entriesMax: number): RecentMap<Value> => {
  const youngMax = Math.max(1, Math.floor(entriesMax / 2))
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()

  const set = (key: string, value: Value): void => {
    if (young.size >= youngMax && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  return {
    get: (key) => {
      const value = young.get(key)
      if (value !== undefined) return value
      const older = old.get(key)
      if (older !== undefined) set(key, older)
      return older
    },
    set,
  }
}
