import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import type { FeedLine } from '@gatehouse/contract/events.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { remoteFeed } from './remote-feed.ts'
import { ndjsonHead, realClock, served, text } from './testing/ndjson-server.ts'
import { quietLog } from './testing/quiet-log.ts'
import { sessionEnded } from './testing/simulated-log.ts'

const secret = 's'.repeat(40)

const feedOf = (
  context: TestContext,
  urls: readonly string[],
  options: Partial<Parameters<typeof remoteFeed>[0]> = {},
) => {
  const told: string[] = []
  const log = {
    ...quietLog,
    warn: (_: object, text: string) => told.push(`warn ${text}`),
    error: (_: object, text: string) => told.push(`error ${text}`),
  }
  const feed = remoteFeed({ urls, secret, clock: realClock, log, random: () => 0, ...options })
  context.after(feed.close)
  return { feed, told }
}

const event = (seq: number, resume = seq): FeedLine => ({ type: 'event', resume, event: sessionEnded(seq, 0) })

test('it begins with what is in force, and returns with the highest resume it has seen', async (context) => {
  const { url, asked, secrets } = await served(context, (_req, res, count) => {
    res.writeHead(200, ndjsonHead)
    if (count === 1) res.end(text(event(3, 2), event(7, 5), event(4, 5)))
    else res.write(text({ type: 'caught-up', resume: 5 }))
  })
  const { feed } = feedOf(context, [url])
  const seen: number[] = []
  feed.follow('in-force', (line) => void (line.event === undefined || seen.push(line.event.seq)))
  await waitFor(() => asked.length === 2, { what: 'the return' })
  deepEqual(asked, ['/auth/events', '/auth/events?after=5'])
  deepEqual(seen, [3, 7, 4])
  deepEqual(new Set(secrets), new Set([`Bearer ${secret}`]))
})

test('lines that are cut anywhere come out whole', async (context) => {
  const bytes = Buffer.from(
    text(...Array.from({ length: 20 }, (_, at) => event(at + 1)), { type: 'caught-up', resume: 20 }),
  )
  const { url } = await served(context, (_req, res) => {
    res.writeHead(200, ndjsonHead)
    void (async () => {
      for (let at = 0; at < bytes.length; at += 37) {
        res.write(bytes.subarray(at, at + 37))
        await new Promise(setImmediate)
      }
    })()
  })
  const { feed } = feedOf(context, [url])
  const lines: FeedLine[] = []
  feed.follow(0, (line) => void lines.push(line))
  await waitFor(() => lines.length === 21, { what: 'all lines' })
  deepEqual(lines[19], event(20))
})

const broken: readonly (readonly [string, (res: ServerResponse) => void])[] = [
  ['status 500', (res) => res.writeHead(500).end('no')],
  ['status 302', (res) => res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  ['not JSON', (res) => res.writeHead(200, ndjsonHead).write('<html>\n')],
  [
    'an event without its members',
    (res) => res.writeHead(200, ndjsonHead).write(text({ type: 'event', resume: 1, event: { type: 'session.ended' } })),
  ],
  [
    'an event of a type that a newer release may know',
    (res) =>
      res
        .writeHead(200, ndjsonHead)
        .write(text({ type: 'event', resume: 1, event: { ...sessionEnded(1, 0), type: 'user.frozen' } })),
  ],
  ['an event line without an event', (res) => res.writeHead(200, ndjsonHead).write(text({ type: 'event', resume: 1 }))],
  ['a negative resume', (res) => res.writeHead(200, ndjsonHead).write(text({ type: 'heartbeat', resume: -1 }))],
  ['a line without end', (res) => res.writeHead(200, ndjsonHead).write('x'.repeat(70_000))],
  [
    'an answer cut in the middle of a line',
    (res) => res.writeHead(200, ndjsonHead).write('{"type":', () => res.destroy()),
  ],
  ['silence before the head', () => {}],
  ['silence after the head', (res) => res.writeHead(200, ndjsonHead).flushHeaders()],
]

for (const [name, breaks] of broken)
  test(`a replica that gives ${name} is left for the next one, and none of it is delivered`, async (context) => {
    const bad = await served(context, (_req, res) => breaks(res))
    const good = await served(
      context,
      (_req, res) => void res.writeHead(200, ndjsonHead).write(text(event(1), { type: 'caught-up', resume: 1 })),
    )
    const { feed, told } = feedOf(context, [bad.url, good.url], { silenceMs: 150 })
    const lines: FeedLine[] = []
    feed.follow('in-force', (line) => void lines.push(line))
    await waitFor(() => lines.length >= 2, { what: 'the good replica' })
    deepEqual(lines.slice(0, 2), [event(1), { type: 'caught-up', resume: 1 }])
    deepEqual([told.length > 0, bad.asked.length, good.asked[0]], [true, 1, '/auth/events'])
  })

test('an outage is told once, and followed through by trying again and again', async (context) => {
  const { url, asked } = await served(context, (_req, res, count) => {
    if (count < 6) res.writeHead(503).end()
    else res.writeHead(200, ndjsonHead).write(text({ type: 'caught-up', resume: 12 }))
  })
  const { feed, told } = feedOf(context, [url])
  const lines: FeedLine[] = []
  feed.follow(9, (line) => void lines.push(line))
  await waitFor(() => lines.length > 0, { what: 'the return' })
  deepEqual([told.length, new Set(asked)], [1, new Set(['/auth/events?after=9'])])
})

test('a refused secret is an error in the log, tried slowly, and at once at the next replica', async (context) => {
  const refusing = await served(context, (_req, res) => res.writeHead(403).end('{}'))
  const good = await served(
    context,
    (_req, res) => void res.writeHead(200, ndjsonHead).write(text({ type: 'caught-up', resume: 0 })),
  )
  const alone = feedOf(context, [refusing.url], { refusedMs: 60_000 })
  alone.feed.follow(0, () => ok(false, 'nothing to deliver'))
  await waitFor(() => alone.told.length === 1, { what: 'the error' })
  match(alone.told[0] ?? '', /^error .*INTERNAL_SECRET/)
  const both = feedOf(context, [refusing.url, good.url], { refusedMs: 60_000 })
  let isUp = false
  both.feed.follow(0, () => {
    isUp = true
  })
  await waitFor(() => isUp, { what: 'the good replica' })
  equal(refusing.asked.length, 2)
})

test('what waited while this process was paused vouches for nothing: the connection is made anew', async (context) => {
  const { url, asked } = await served(context, (_req, res) => {
    res.writeHead(200, ndjsonHead).write(text({ type: 'caught-up', resume: 1 }))
    res.once('gatehouse:beat', () => res.write(text({ type: 'heartbeat', resume: 1 })))
    beat = () => res.emit('gatehouse:beat')
  })
  let beat = (): unknown => undefined
  const clock = movableClock()
  const { feed } = feedOf(context, [url], { clock, silenceMs: 3000 })
  const types: string[] = []
  feed.follow(0, ({ type }) => void types.push(type))
  await waitFor(() => types.length === 1, { what: 'the first line' })
  clock.advance(3001)
  beat()
  await waitFor(() => asked.length === 2, { what: 'the new connection' })
  await waitFor(() => types.length === 2, { what: 'its first line' })
  deepEqual(types, ['caught-up', 'caught-up'])
})

test('a follower that fails on a line is sent it again', async (context) => {
  const { url, asked } = await served(
    context,
    (_req, res) => void res.writeHead(200, ndjsonHead).write(text(event(1), event(2), event(3))),
  )
  const { feed } = feedOf(context, [url])
  const seen: number[] = []
  let isFailing = true
  feed.follow(0, (line) => {
    if (line.event?.seq === 2 && isFailing) {
      isFailing = false
      throw new Error('no')
    }
    seen.push(line.event?.seq ?? 0)
  })
  await waitFor(() => seen.includes(3), { what: 'the third event' })
  deepEqual(
    [seen.slice(0, 2), asked],
    [
      [1, 1],
      ['/auth/events?after=0', '/auth/events?after=1'],
    ],
  )
})

test('a connection that goes on speaking is kept', async (context) => {
  const { url, asked } = await served(context, (_req, res) => {
    res.writeHead(200, ndjsonHead)
    const timer = setInterval(() => res.write(text({ type: 'heartbeat', resume: 1 })), 30)
    res.once('close', () => clearInterval(timer))
  })
  const { feed } = feedOf(context, [url], { silenceMs: 300 })
  let beats = 0
  feed.follow(0, () => (beats += 1))
  await waitFor(() => beats >= 20, { what: 'twice the silence in heartbeats' })
  equal(asked.length, 1)
})

test('nothing is delivered after the end, and close leaves no connection', async (context) => {
  const { url, server } = await served(context, (_req, res) => {
    res.writeHead(200, ndjsonHead)
    const timer = setInterval(() => res.write(text({ type: 'heartbeat', resume: 1 })), 1)
    res.once('close', () => clearInterval(timer))
  })
  const { feed } = feedOf(context, [url])
  let lines = 0
  const unfollow = feed.follow(0, () => (lines += 1))
  feed.follow(0, () => {})
  await waitFor(() => lines > 3, { what: 'a few lines' })
  unfollow()
  const before = lines
  await feed.close()
  await waitFor(() => new Promise((resolve) => server.getConnections((_error, count) => resolve(count === 0))), {
    what: 'no connection',
  })
  equal(lines, before)
})
