import { Type, type Static } from './schema.ts'

const at = Type.Integer({ description: 'When it was written: milliseconds since the epoch.' })
const seq = Type.Integer({
  minimum: 1,
  description: 'The place in the log. Grows, but a smaller one may still be on its way.',
})
const resume = Type.Integer({
  minimum: 0,
  description: 'Everything up to here has been sent: a follower that returns asks for `after` this.',
})
const userId = Type.String()
const until = Type.Integer({
  description: 'No token that this ends is valid past this time: milliseconds since the epoch.',
})

/** What happened to an account, as auth-service wrote it in the same transaction as the thing itself. */
export const accountEvent = Type.Union([
  Type.Object({ type: Type.Literal('user.registered'), seq, at, user_id: userId }),
  Type.Object({ type: Type.Literal('user.deleted'), seq, at, user_id: userId, until }),
  Type.Object({
    type: Type.Literal('user.epoch-raised'),
    seq,
    at,
    user_id: userId,
    epoch: Type.Integer({ description: 'Tokens of this user with a smaller epoch are dead.' }),
    kept_session_id: Type.Optional(Type.String({ description: 'Except those of this session.' })),
    until,
  }),
  Type.Object({ type: Type.Literal('session.ended'), seq, at, user_id: userId, session_id: Type.String(), until }),
])

/** One line of the feed: an event, or word of how far the follower has come. */
export const feedLine = Type.Object({
  type: Type.Union([
    Type.Literal('event'),
    Type.Literal('caught-up', { description: 'All that was in force at the time of asking has been sent.' }),
    Type.Literal('heartbeat', { description: 'The log has just been read and holds nothing more.' }),
  ]),
  resume,
  event: Type.Optional(accountEvent),
})

export type AccountEvent = Static<typeof accountEvent>
export type FeedLine = Static<typeof feedLine>

type Unwritten<E> = E extends AccountEvent ? Omit<E, 'seq' | 'at'> : never

/** An event before the log has given it a place and a time. */
export type NewAccountEvent = Unwritten<AccountEvent>

/** Where account events can be followed: a function call inside auth-service's process, a stream from outside it. */
export type EventFeed = {
  /**
   * Calls `receive` with every line, in order, until the returned function is called. With `in-force` it begins with
   * every event that can still matter to a token; with a number, with all the log holds after that place. Reconnects by
   * itself; lines may come twice.
   */
  readonly follow: (from: number | 'in-force', receive: (line: FeedLine) => void) => () => void
}
