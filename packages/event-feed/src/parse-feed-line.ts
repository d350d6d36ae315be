import { Ajv } from 'ajv'
import { feedLine, type FeedLine } from '@gatehouse/contract/events.ts'

// `strict` would refuse the contract's own words in its schemas, such as `x-secret`.
const isFeedLine = new Ajv({ strict: false }).compile<FeedLine>(feedLine)

/**
 * Reads one line of the feed, or throws. An event of an unknown type is refused like nonsense: a newer release may have
 * written it to revoke something, and a follower that passes it over would be guessing. The line is not quoted in the
 * error: it came from outside.
 */
export const parseFeedLine = (text: string): FeedLine => {
  const value: unknown = JSON.parse(text)
  if (!isFeedLine(value)) throw new Error('a line of the event feed is not of the shape that the contract gives it')
  if (value.type === 'event' && value.event === undefined) throw new Error('an event line of the feed holds no event')
  return value
}
