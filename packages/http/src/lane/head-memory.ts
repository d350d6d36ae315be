import { fnv1a } from '@gatehouse/ids/fnv.ts'
import type { RequestHead } from './request-head.ts'

/** Heads that came lately, on whichever connection. */
export type HeadMemory = {
  /** One with these very fields, whose credential ends so many characters before they do. */
  readonly find: (fields: string, behindCredential: number) => RequestHead | undefined
  /** Keeps one that has a credential, perhaps. */
  readonly keep: (head: RequestHead) => void
}

/**
 * Makes one. A gateway before ours, or a load balancer, sends callers by turns over the connections that it keeps: none
 * brings what it brought before, and yet all of it has been read. Found by the end of the credential, which differs for
 * each caller: to hash all fields would take V8 5 µs, and those of a request are not looked up but compared as a whole.
 */
export const headMemory = (): HeadMemory => {
  const heads: (RequestHead | undefined)[] = Array.from({ length: headsMax })
  let refused = 0

  return {
    find: (fields, behindCredential) => {
      const head = heads[placeOf(fields, behindCredential)]
      return head?.fields === fields ? head : undefined
    },
    keep: (head) => {
      const { fields, behindCredential } = head
      if (fields === undefined || behindCredential === undefined) return
      const place = placeOf(fields, behindCredential)
      if (heads[place] !== undefined) {
        // With more callers than places most are gone before they come again: not each pays for being remembered.
        refused = (refused + 1) % refusedBeforeOne
        if (refused !== 0) return
      }
      heads[place] = head
    },
  }
}

/** Of a few KB each, and never more than twice `fieldsKeptMax` and the longest target. */
const headsMax = 512

const refusedBeforeOne = 8

/** By eight characters of a signature's end, all of them random. Whoever makes them collide gains nothing. */
const placeOf = (fields: string, behindCredential: number): number => {
  const end = fields.length - behindCredential
  const hash = fnv1a(fields, Math.max(0, end - 8), end, 0)
  return (hash ^ (hash >>> 16)) & (headsMax - 1)
}
