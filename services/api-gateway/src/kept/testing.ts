import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import { fieldBlock } from '../field-block.ts'
import { startRawServer } from '../testing.ts'
import { keptConnections, type KeptConnections } from './kept-connections.ts'

/** Those of these tests. */
export const limits = {
  connectMs: 2_000,
  answerHeadMs: 2_000,
  answerPauseMs: 2_000,
  keepAliveMs: 4_000,
  idleBeforeWriteMs: 1_000,
  answerHeadBytesMax: 10_000,
}

type Upstream = AsyncDisposable & {
  readonly kept: KeptConnections
  /** The connections so far. */
  readonly sockets: readonly Socket[]
  /** What has come on them. */
  readonly heard: () => string
  readonly raced: readonly Error[]
}

/** An upstream that does this with the bytes of each request. */
export const upstream = async (
  answer: (socket: Socket, bytes: string) => void,
  shorter: Partial<typeof limits> = {},
): Promise<Upstream> => {
  const sockets: Socket[] = []
  const raced: Error[] = []
  let heard = ''
  const server = await startRawServer((socket) => {
    sockets.push(socket)
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1')
      answer(socket, bytes.toString('latin1'))
    })
  })
  const diedInUse = (error: Error): void => void raced.push(error)
  const kept = keptConnections({ origin: new URL(server.url), limits: { ...limits, ...shorter }, diedInUse })
  return { kept, sockets, heard: () => heard, raced, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

type Seen = {
  readonly status: () => number
  readonly body: () => string
  readonly controller: () => Dispatcher.DispatchController
  /** Rejects with the error when there is no whole answer. */
  readonly ended: Promise<string>
}

/** Asks it for this. */
export const ask = (
  { kept }: Upstream,
  path = '/',
  method: Dispatcher.HttpMethod = 'GET',
  sent: string | null = null,
): Seen => {
  const ended = Promise.withResolvers<string>()
  ended.promise.catch(() => {})
  let status = 0
  let body = ''
  let controller: Dispatcher.DispatchController | undefined
  kept.dispatch(
    {
      method,
      path,
      clientFields: fieldBlock(['x-first', '1', ...(sent === null ? [] : ['Content-Length', String(sent.length)])]),
      headers: ['x-second', 'caf\u00e9'],
      body: sent,
    },
    {
      onRequestStart: (given) => {
        controller = given
      },
      onResponseStart: (_controller, told) => {
        status = told
      },
      onResponseData: (_controller, chunk) => {
        body += chunk.toString('latin1')
      },
      onResponseEnd: () => ended.resolve(body),
      onResponseError: (_controller, error) => ended.reject(error),
    },
  )
  return {
    status: () => status,
    body: () => body,
    controller: () => {
      assert.ok(controller !== undefined, 'the request has begun')
      return controller
    },
    ended: ended.promise,
  }
}

/** An answer of 200. */
export const okay = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
