import type { ServerResponse } from 'node:http'

/** Things to look at, without the objects that an iterator makes: ten times a second, and there may be thousands. */
export type Many<T> = { readonly forEach: (look: (one: T) => void) => void }

/** The answers that have not ended yet. */
export type UnderWay = Many<ServerResponse> & {
  /** Takes an answer in, until it is closed. */
  readonly add: (res: ServerResponse) => void
  readonly size: () => number
}

/**
 * Makes an empty list of them. A list of links and no Set: one that every request enters and leaves cost each of them
 * some 8 µs and the process some 60 MB, probably because each table that it outgrows keeps its successor, and the
 * requests in it, alive for the collector of the young generation (docs/decisions/0008-cost-of-a-request.md).
 */
export const underWayList = (): UnderWay => {
  let first: Link | undefined
  let size = 0

  const remove = (link: Link): void => {
    const { earlier, later } = link
    if (earlier !== undefined) earlier.later = later
    else if (first === link) first = later
    // It has been removed before.
    else return
    if (later !== undefined) later.earlier = earlier
    // What has left must not keep the others alive.
    link.earlier = undefined
    link.later = undefined
    size -= 1
  }

  return {
    add: (res) => {
      const link: Link = { res, earlier: undefined, later: first }
      if (first !== undefined) first.earlier = link
      first = link
      size += 1
      res.on('close', () => remove(link))
    },
    size: () => size,
    forEach: (look) => {
      for (let link = first; link !== undefined;) {
        const { res, later }: Link = link
        look(res)
        link = later
      }
    },
  }
}

type Link = { readonly res: ServerResponse; earlier: Link | undefined; later: Link | undefined }
