import type { Auth } from '@gatehouse/contract/auth.ts'
import { feedLines } from '@gatehouse/event-feed/feed-lines.ts'
import type { Ports } from './ports.ts'

/** Streams the event log to another process: from a place it names, or from what is still in force. */
export const followEvents =
  ({ feed }: Ports): Auth['events'] =>
  async ({ after }) =>
    feedLines(feed, after ?? 'in-force')
