import type { Clock } from '@gatehouse/clock/clock.ts'
import type { AccountEvent, EventFeed } from '@gatehouse/contract/events.ts'
import { durableFollower, type DurableFollower } from '@gatehouse/event-feed/durable-follower.ts'
import type { Log } from '@gatehouse/observe/log.ts'
import type { Erasures } from './ports.ts'

type Parts = {
  readonly feed: EventFeed
  readonly erasures: Erasures
  readonly clock: Clock
  readonly log: Log
  /** From 0 up to 1, for the jitter of retries. */
  readonly random: () => number
}

/**
 * Follows what happens to accounts, and erases the profile of each that is deleted. The effect and the place in the log
 * are kept in one transaction: whatever is killed in between, each deletion takes effect, and takes effect once. Any
 * number of replicas may do it.
 */
export const profileEraser = ({ feed, erasures, clock, log, random }: Parts): DurableFollower =>
  durableFollower({
    feed,
    cursor: { read: erasures.cursor },
    concerns: isDeletion,
    apply: async (event, resume) => {
      if (event !== undefined && isDeletion(event)) await erasures.erase(event.user_id, resume)
      else await erasures.advance(resume)
    },
    clock,
    log,
    random,
  })

const isDeletion = (event: AccountEvent): boolean => event.type === 'user.deleted'
