import type { Clock } from '@gatehouse/clock/clock.ts'
import type { AccountEvent, EventFeed } from '@gatehouse/contract/events.ts'
import type { Log } from '@gatehouse/observe/log.ts'
import { backoff } from './backoff.ts'
import { doorbell } from './doorbell.ts'

/** Follows the feed with a place in one's own database: every event takes effect, whatever is killed in between. */
export type DurableFollower = {
  readonly start: () => void
  /** Waits for the event under way. What waits behind it is left to the next start. */
  readonly stop: () => Promise<void>
}

type Parts = {
  readonly feed: EventFeed
  /** The place that `apply` last committed; 0 at first. */
  readonly cursor: { readonly read: () => Promise<number> }
  /**
   * Commits the effect and the new place `resume` in one transaction; without an event only the place. Called one at a
   * time, `resume` never falls. An event may come twice, and two of different commits may come in either order: the
   * effect must allow for both.
   */
  readonly apply: (event: AccountEvent | undefined, resume: number) => Promise<void>
  /** Whether an event has an effect here; others move the place only. */
  readonly concerns: (event: AccountEvent) => boolean
  readonly clock: Clock
  readonly log: Log
  /** From 0 up to 1, for the jitter of retries. */
  readonly random: () => number
  readonly queueMax?: number
  /** How often the place is moved when nothing that concerns us happens. */
  readonly advanceMs?: number
}

type Step = { readonly event: AccountEvent | undefined; readonly resume: number }

/** Makes the follower. It does nothing before `start`. */
export const durableFollower = (parts: Parts): DurableFollower => {
  const { feed, cursor, apply, log, random } = parts
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  let wake = (): void => {}

  const round = async (): Promise<void> => {
    const place = await cursor.read()
    const steps = stepQueue(parts, place)
    wake = steps.ring
    const unfollow = feed.follow(place, steps.take)
    try {
      for await (const { event, resume } of steps.inTurn(stopping.signal, unfollow)) {
        await apply(event, resume)
        retry.reset()
      }
    } finally {
      unfollow()
    }
  }
  const retry = backoff({ firstMs: 50, mostMs: 5000, random })
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await round()
      } catch (err) {
        log.warn({ err }, 'an account event could not be applied; beginning again from the last place that was kept')
        await retry.wait(stopping.signal)
      }
    }
  }

  return {
    start: () => {
      if (!stopping.signal.aborted) running ??= run()
    },
    stop: async () => {
      stopping.abort()
      wake()
      await running
    },
  }
}

/** Turns lines into steps, in the order they came. */
const stepQueue = ({ concerns, clock, queueMax = 10_000, advanceMs = 5000 }: Parts, place: number) => {
  const bell = doorbell()
  let queue: Step[] = []
  let isFull = false
  let highest = place
  let advancedAt = clock.monotonic()
  let advancedTo = place

  const take: Parameters<EventFeed['follow']>[1] = ({ event, resume }) => {
    if (isFull) return
    highest = Math.max(highest, resume)
    const isEvent = event !== undefined && concerns(event)
    if (!isEvent && (highest === advancedTo || clock.monotonic() - advancedAt < advanceMs)) return
    advancedAt = clock.monotonic()
    advancedTo = highest
    queue.push({ event: isEvent ? event : undefined, resume: highest })
    isFull = queue.length >= queueMax
    bell.ring()
  }

  /**
   * Ends when stopped, or after the steps of a queue that was full: what came after them has been lost and is asked for
   * again.
   */
  async function* inTurn(signal: AbortSignal, unfollow: () => void): AsyncGenerator<Step> {
    while (!signal.aborted) {
      const steps = queue
      const isLast = isFull
      if (isLast) unfollow()
      queue = []
      for (const step of steps) {
        if (signal.aborted) return
        yield step
      }
      if (isLast) return
      await bell.wait()
    }
  }
  return { take, ring: bell.ring, inTurn }
}
