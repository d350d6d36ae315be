import { Agent, request } from 'undici'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { EventFeed, FeedLine } from '@gatehouse/contract/events.ts'
import type { Log } from '@gatehouse/observe/log.ts'
import { backoff, pause } from './backoff.ts'
import { lineCutter } from './ndjson.ts'
import { parseFeedLine } from './parse-feed-line.ts'

/** The feed of an auth-service that runs elsewhere. */
export type RemoteFeed = EventFeed & {
  /** Ends every follower and its connection. */
  readonly close: () => Promise<void>
}

type Parts = {
  /** Base addresses of auth-service's replicas; each failure moves on to the next. */
  readonly urls: readonly string[]
  readonly secret: string
  readonly clock: Clock
  readonly log: Log
  /** From 0 up to 1, for the jitter of retries. */
  readonly random: () => number
  /** Three heartbeats: a connection that says nothing for so long is given up. */
  readonly silenceMs?: number
  readonly lineBytesMax?: number
  /** Wait after every replica has refused our secret. */
  readonly refusedMs?: number
}

/** Follows over HTTP, one connection for each follower, for ever: whatever breaks, it returns where it was. */
export const remoteFeed = (parts: Parts): RemoteFeed => {
  const { urls, log, random, silenceMs = 3000, refusedMs = 10_000 } = parts
  const agent = new Agent({
    allowH2: false,
    connect: { timeout: silenceMs },
    headersTimeout: silenceMs,
    bodyTimeout: 0,
  })
  const closing = new AbortController()
  const followers = new Set<Promise<void>>()

  const keepFollowing = async (
    from: number | 'in-force',
    receive: (line: FeedLine) => void,
    signal: AbortSignal,
  ): Promise<void> => {
    const retry = backoff({ firstMs: 20, mostMs: 1000, random })
    let resume = from === 'in-force' ? 0 : from
    let isAway = false
    let refusals = 0
    const take = (line: FeedLine): void => {
      if (signal.aborted) return
      receive(line)
      resume = Math.max(resume, line.resume)
      if (line.type === 'event') return
      // Only now it is well: a connection that breaks before this point must not be repeated at full speed.
      if (isAway) log.info({}, 'the event feed is followed again')
      isAway = false
      refusals = 0
      retry.reset()
    }
    for (let turn = 0; !signal.aborted; turn += 1) {
      const url = urls[turn % urls.length] ?? ''
      // Without a place to return to, what is in force is less than the whole log.
      const after = resume === 0 ? from : resume
      const ending = await readFeed({ ...parts, silenceMs }, { agent, url, after, signal, take })
      if (signal.aborted) return
      if (ending instanceof SecretRefused) {
        refusals += 1
        log.error(
          { url, status: ending.status },
          'auth-service refuses to let us follow its events: INTERNAL_SECRET differs',
        )
        if (refusals % urls.length === 0) await pause(refusedMs, signal)
        continue
      }
      if (!isAway) log.warn({ url, err: ending }, 'the event feed broke off; following it again')
      isAway = true
      await retry.wait(signal)
    }
  }

  return {
    follow: (from, receive) => {
      const stopping = new AbortController()
      const signal = AbortSignal.any([stopping.signal, closing.signal])
      const follower = keepFollowing(from, receive, signal).finally(() => followers.delete(follower))
      followers.add(follower)
      return () => stopping.abort()
    },
    close: async () => {
      closing.abort()
      await Promise.all(followers)
      await agent.destroy()
    },
  }
}

class SecretRefused extends Error {
  readonly status: number

  constructor(status: number) {
    super('the secret is refused')
    this.status = status
  }
}

type Connection = {
  readonly agent: Agent
  readonly url: string
  readonly after: number | 'in-force'
  readonly signal: AbortSignal
  readonly take: (line: FeedLine) => void
}

/** Reads one connection to its end, and says why it ended. */
const readFeed = async (
  { secret, clock, silenceMs, lineBytesMax = 65_536 }: Parts & { readonly silenceMs: number },
  { agent, url, after, signal, take }: Connection,
): Promise<Error> => {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(new Error(`silent for ${silenceMs} ms`)), silenceMs)
  try {
    const { statusCode, body } = await request(
      new URL(`/auth/events${after === 'in-force' ? '' : `?after=${after}`}`, url),
      {
        dispatcher: agent,
        headers: { authorization: `Bearer ${secret}`, accept: 'application/x-ndjson' },
        signal: AbortSignal.any([signal, silence.signal]),
      },
    )
    if (statusCode !== 200) {
      // Not read to its end: it is an error page of unknown length, and nothing in it is needed.
      body.on('error', () => {}).destroy()
      return statusCode === 401 || statusCode === 403
        ? new SecretRefused(statusCode)
        : new Error(`status ${statusCode}`)
    }
    const cut = lineCutter(lineBytesMax, (line) => take(parseFeedLine(line)))
    const chunks: AsyncIterable<Buffer> = body
    let heardAt = clock.monotonic()
    for await (const chunk of chunks) {
      // The timer alone does not see that this process itself was paused. What waited in the socket meanwhile is old
      // news, and an old heartbeat must not vouch for now.
      if (clock.monotonic() - heardAt > silenceMs) return new Error('paused for too long')
      heardAt = clock.monotonic()
      timer.refresh()
      cut(chunk)
    }
    return new Error('the stream ended')
  } catch (error) {
    return error instanceof Error ? error : new Error('the stream broke', { cause: error })
  } finally {
    clearTimeout(timer)
  }
}
