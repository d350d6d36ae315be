import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { problemOf, type Speaker } from '@gatehouse/contract/problem.ts'
import { refuse, type RefusalCode } from '@gatehouse/contract/refusals.ts'
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
  // Made once: a crowd of slow clients is told the same, and an error notes where it was made.
  const malformed = unheard('malformed-request', speaker)
  const others = new Map(Object.entries(codes).map(([fault, code]) => [fault, unheard(code, speaker)]))

  const answer = (socket: Duplex, { status, code, text }: Unheard, left: boolean): void => {
    const res = answerOn(socket)
    // Gone, or an answer to this very request has begun: whatever we wrote would be read as part of that.
    if (!socket.writable || res?.headersSent === true) {
      socket.destroy()
      return
    }
    const requestId = newRequestId()
    socket.write(text(requestId), 'latin1')
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
    afterAnswers(socket, () => answer(socket, others.get(code) ?? malformed, code === endedTooSoon.code))
  }
}

/** What somebody is told who was not heard. */
type Unheard = Refused & {
  /** The whole answer, to a request with this id. */
  readonly text: (requestId: string) => string
}

const unheard = (code: RefusalCode, speaker: Speaker): Unheard => {
  const { status, headers, body } = problemOf(refuse(code), { speaker, requestId: idHere })
  const fields = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `HTTP/1.1 ${status} Refused\r\n${fields.join('')}`
  const [before = '', behind = ''] = body.split(idHere)
  const text = (id: string): string => {
    const whole = before + id + behind
    return `${head}content-length: ${Buffer.byteLength(whole)}\r\nx-request-id: ${id}\r\n\r\n${whole}`
  }
  return { status, code, text }
}

/** A word that is in no answer. */
const idHere = '{request_id}'

/** What node:http says is wrong with a connection, as far as we read it. */
export type Fault = { readonly code?: string | undefined }

const peerOf = (socket: Duplex): string => (socket instanceof Socket ? withoutMapping(socket.remoteAddress ?? '') : '')

type Refused = { readonly status: number; readonly code: RefusalCode }

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

/** A request was not whole when its time was over. What `node:http` says of it, without the price of an error. */
export const tookTooLong = { code: 'ERR_HTTP_REQUEST_TIMEOUT' } as const satisfies Fault

/** The client closed its side before the request was whole: it may still hear why. */
export const endedTooSoon = { code: 'HPE_INVALID_EOF_STATE' } as const satisfies Fault

const codes: Readonly<Record<string, RefusalCode>> = {
  [tookTooLong.code]: 'request-timeout',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body-too-large',
}
