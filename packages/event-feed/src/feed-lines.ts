import type { FeedLine } from '@gatehouse/contract/events.ts'
import type { FeedHub } from './feed-hub.ts'

/** Lines that wait for a slow reader. An event is some 200 bytes, so this is about 4 MB. */
const linesMax = 20_000

/**
 * The feed as an iterable, for a stream to another process. Following begins with the first `next`, a snapshot comes as
 * fast as it is read, and a reader that falls too far behind is ended: it returns with the `resume` it has. Not a
 * generator: `return` on a generator waits for the line that is awaited, and while the database is away there is none.
 */
export const feedLines = (hub: Pick<FeedHub, 'follow'>, from: number | 'in-force'): AsyncIterableIterator<FeedLine> => {
  let lines: FeedLine[] = []
  let at = 0
  let isOver = false
  let unfollow: (() => void) | undefined
  let waiting: ((result: IteratorResult<FeedLine>) => void) | undefined
  let drained = Promise.withResolvers<void>()

  const answer = (result: IteratorResult<FeedLine>): void => {
    const resolve = waiting
    waiting = undefined
    resolve?.(result)
  }
  const end = (): void => {
    if (isOver) return
    isOver = true
    lines = []
    drained.resolve()
    answer({ done: true, value: undefined })
    unfollow?.()
  }
  const receive = (line: FeedLine): void => {
    if (waiting !== undefined) answer({ done: false, value: line })
    else if (lines.length - at >= linesMax) end()
    else lines.push(line)
  }
  const pace = {
    drained: () => {
      drained = Promise.withResolvers()
      if (isOver || at === lines.length) drained.resolve()
      return drained.promise
    },
    ended: end,
  }

  return {
    next: async () => {
      unfollow ??= isOver ? undefined : hub.follow(from, receive, pace)
      const line = lines[at]
      if (line !== undefined) {
        at += 1
        if (at < lines.length) return { done: false, value: line }
        lines = []
        at = 0
        drained.resolve()
        return { done: false, value: line }
      }
      if (isOver) return { done: true, value: undefined }
      const { promise, resolve } = Promise.withResolvers<IteratorResult<FeedLine>>()
      waiting = resolve
      return await promise
    },
    return: async () => {
      end()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
