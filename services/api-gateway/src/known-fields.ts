import type { Asked } from '@gatehouse/http/listener.ts'
import type { FieldBlock } from './field-block.ts'
import { saidIn, type Said } from './message.ts'

/** What follows from the fields of a request alone: not from its target, its route, the time or anything else. */
export type KnownFields = {
  readonly said: Said
  /** By "refuse what is malformed": nothing speaks against them. */
  isSound: boolean
  /** By "drop what only we may say": those that go on. */
  goingOn: FieldBlock | undefined
  /** By `token-memory.ts`: the one good token in them. */
  token: string | undefined
}

/** Reads the fields of a request. */
export const readFields = (req: Asked): KnownFields => ({
  said: saidIn(req),
  isSound: false,
  goingOn: undefined,
  token: undefined,
})

/**
 * Makes a memory of what was read of fields that come again, as the lane tells it: most connections bring the same ones
 * with every request. Kept for as long as the lane keeps the array that it stands for.
 */
export const fieldMemory = (): ((req: Asked) => KnownFields) => {
  const known = new WeakMap<readonly string[], KnownFields>()
  return (req) => {
    if (req.isRepeated !== true) return readFields(req)
    const before = known.get(req.rawHeaders)
    if (before !== undefined) return before
    const read = readFields(req)
    known.set(req.rawHeaders, read)
    return read
  }
}
