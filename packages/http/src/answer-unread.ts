import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { problemOf, type Speaker } from '@gatehouse/contract/problem.ts'
import { refuse, type Refusal, type RefusalCode } from '@gatehouse/contract/refusals.ts'
import type { Observe } from '@gatehouse/observe/answered.ts'
import { withoutMapping } from './client.ts'

type Parts = {
  readonly speaker: Speaker
  readonly newRequestId: () => string
  /** Told of what is answered here: nobody else has seen it. */
  readonly observe: Observe
  /** Closes a connection when its answer has been sent. */
  readonly closeSoon: (socket: Duplex) => void
}

/** Answers what never became a request: the parser gave up, or the client took too long. */
export const answerUnread = ({ speaker, newRequestId, observe, closeSoon }: Parts) => {
  /** Told once: the parser complains of every packet that follows. */
  const refused = new WeakSet<Duplex>()
  // Made once: an error notes where it was made, which costs more than to say it.
  const malformed = refuse('malformed-request')
  const others = new Map(Object.entries(codes).map(([fault, code]) => [fault, refuse(code)]))

  const answer = (socket: Duplex, refusal: Refusal, left: boolean): void => {
    const res = answerOn(socket)
    // Gone, or an answer to this very request has begun: whatever we wrote would be read as part of that.
    if (!socket.writable || res?.headersSent === true) {
      socket.destroy()
      return
    }
    const requestId = newRequestId()
    const { code } = refusal
    const { status, headers, body } = problemOf(refusal, { speaker, requestId })
    const head = Object.entries({
      ...headers,
      'content-length': Buffer.byteLength(body),
      connection: 'close',
      'x-request-id': requestId,
    })
    socket.write(
      `HTTP/1.1 ${status} Refused\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
      'latin1',
    )
    if (res !== undefined) letGo(res, socket, left ? undefined : { status, code })
    closeSoon(socket)
    // Of a request whose head was whole its listener tells. Otherwise what there was of it may be anything.
    if (res === undefined)
      observe({ requestId, method: '', route: 'none', path: '', status, code, durationMs: 0, address: peerOf(socket) })
  }

  return ({ code = '' }: Fault, socket: Duplex): void => {
    if (code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    if (refused.has(socket)) return
    refused.add(socket)
    afterAnswers(socket, () => answer(socket, others.get(code) ?? malformed, code === endedTooSoon))
  }
}

/** What node:http says is wrong with a connection, as far as we read it. */
export type Fault = { readonly code?: string | undefined }

const peerOf = (socket: Duplex): string => (socket instanceof Socket ? withoutMapping(socket.remoteAddress ?? '') : '')

type Refused = { readonly status: number; readonly code: RefusalCode }

/** The client closed its side before the request was whole: it may still hear why. */
const endedTooSoon = 'HPE_INVALID_EOF_STATE'

/**
 * Takes the answer from whoever was still working on it, as if the client had left: what it holds is free at once, and
 * not only when the connection is closed.
 */
const letGo = (res: ServerResponse, socket: Duplex, refused: Refused | undefined): void => {
  if (refused !== undefined) {
    // Never written: they tell the listener why.
    res.statusCode = refused.status
    res.statusMessage = refused.code
  }
  // It is always the socket of the connection that node:http hangs on its answers.
  res.detachSocket(socket as Socket)
  res.destroyed = true
  res.emit('close')
}

/**
 * Calls back when no whole request on this connection waits for its answer any more: what is written before that would
 * be taken for one of those answers.
 */
export const afterAnswers = (socket: Duplex, then: () => void): void => {
  const res = answerOn(socket)
  if (res === undefined || !res.req.complete) then()
  else {
    // Nothing more is wanted of whoever sent this.
    socket.pause()
    res.once('close', () => afterAnswers(socket, then))
  }
}

/** The answer whose turn it is on this connection. */
export const answerOn = (socket: Duplex): ServerResponse | undefined =>
  // node:http hangs it on the socket, and documents no other way to ask.
  (socket as Duplex & { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? undefined

/** The fault of a request that is not whole when its time is over. */
export const tooSlow = 'ERR_HTTP_REQUEST_TIMEOUT'

const codes: Readonly<Record<string, RefusalCode>> = {
  [tooSlow]: 'request-timeout',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body-too-large',
}
