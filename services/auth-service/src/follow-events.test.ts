import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventFeed, FeedLine } from '@gatehouse/contract/events.ts'
import { followEvents } from './follow-events.ts'
import { authWorld, client } from './testing/auth-world.ts'

const lines: readonly FeedLine[] = [
  { type: 'caught-up', resume: 7 },
  { type: 'heartbeat', resume: 7 },
]

for (const [asked, from] of [
  [{}, 'in-force'],
  [{ after: 0 }, 0],
  [{ after: 41 }, 41],
] as const) {
  test(`asked for ${JSON.stringify(asked)} it follows from ${from}, until nobody listens`, async () => {
    const followed: unknown[] = []
    let followers = 0
    const follow: EventFeed['follow'] = (place, receive) => {
      followed.push(place)
      followers += 1
      for (const line of lines) receive(line)
      return () => {
        followers -= 1
      }
    }
    const world = await authWorld()
    const received: FeedLine[] = []
    for await (const line of await followEvents({ ...world, feed: { follow } })(asked, client)) {
      received.push(line)
      if (received.length === lines.length) break
    }
    assert.deepEqual([followed, received, followers], [[from], lines, 0])
    await world.close()
  })
}
