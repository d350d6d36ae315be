import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { limits, type ServerLimits } from '../limits.ts'
import { listen, type Listening, type Upgrades } from '../listen.ts'
import type { Answering, Asked, Listener } from '../listener.ts'

/** Answers with what was read of the request, when all of it is here. */
export const echo: Listener = (req, res) => {
  const answer = (sent: string): void =>
    say(res, JSON.stringify([req.method, req.url, req.httpVersion, req.rawHeaders, sent]))
  // One of node:http without a body is over before it begins.
  if (!(req instanceof IncomingMessage) || req.destroyed) return answer(req.wholeBody ?? '')
  let sent = ''
  req.on('data', (piece: Buffer) => (sent += piece.toString('latin1')))
  req.on('end', () => answer(sent))
}

/** Whether this request was read in the fast lane. */
export const isOfLane = (req: Asked): boolean => !(req instanceof IncomingMessage)

type Given = {
  readonly lane?: boolean
  readonly limits?: Partial<ServerLimits>
  readonly upgrades?: Upgrades
}

/** A server with the fast lane, or without. Ended at once when disposed of. */
export const serving = async (
  serve: Listener,
  { lane = true, limits: others = {}, upgrades }: Given = {},
): Promise<Listening & AsyncDisposable> => {
  const clock = { now: () => Date.UTC(2026, 0, 1), monotonic: () => performance.now() }
  const server = await listen(serve, {
    host: '127.0.0.1',
    port: 0,
    speaker: 'gateway',
    newRequestId: () => 'id',
    // As a gateway has it.
    limits: { ...limits, idleEndMs: 0, ...others },
    lane: lane ? { serve, clock } : undefined,
    ...(upgrades === undefined ? {} : { upgrades }),
  })
  return { ...server, [Symbol.asyncDispose]: () => server.drain(0) }
}

/** A client that says bytes and keeps what comes. */
export type Client = {
  readonly socket: Socket
  readonly text: () => string
  /** How the other side has ended the connection, when it has. */
  readonly end: () => 'open' | 'end' | 'reset'
  /** What came, once it fulfils this. */
  readonly heard: (pattern: RegExp) => Promise<string>
  readonly ended: () => Promise<string>
}

/** Opens a connection on which each piece is one packet, so that requests arrive as they are written. */
export const clientOf = ({ port }: { readonly port: number }): Client => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  let text = ''
  let end: 'open' | 'end' | 'reset' = 'open'
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.once('end', () => (end = 'end'))
  socket.on('error', () => (end = 'reset'))
  return {
    socket,
    text: () => text,
    end: () => end,
    heard: async (pattern) => {
      await waitFor(() => pattern.test(text), { what: `${pattern} in ${text}` })
      return text
    },
    ended: async () => {
      await waitFor(() => end !== 'open', { what: `an end behind ${text}` })
      socket.destroy()
      return text
    },
  }
}

/** Says one byte after the other, each when the one before it could be read: without that they are one packet. */
export const drip = async ({ socket }: Client, bytes: string): Promise<void> => {
  for (const byte of bytes) await new Promise((resolve) => socket.write(byte, 'latin1', () => setImmediate(resolve)))
}

/** The bytes of a request of the simplest form. */
export const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`

/** Answers 200 with this text. */
export const say = (res: Answering, text: string): void => {
  res.writeHead(200, ['content-length', String(Buffer.byteLength(text))])
  res.end(text)
}

/** Says who has read the request. */
export const reader: Listener = (req, res) => say(res, `${isOfLane(req) ? 'lane' : 'node'} ${req.url};`)

/** Keeps every answer for the test to give. */
export const waiting = () => {
  const answers: Answering[] = []
  const closed: boolean[] = []
  const serve: Listener = (req, res) => {
    answers.push(res)
    res.on('close', () => closed.push(res.writableFinished))
    assert.ok(isOfLane(req))
  }
  /** The answer with this number, once it is asked for. */
  const answer = async (at: number): Promise<Answering> => {
    await waitFor(() => answers.length > at, { what: `request ${at}` })
    const found = answers[at]
    if (found === undefined) throw new Error('unreachable')
    return found
  }
  return { serve, answer, closed }
}
