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

  const answer = (socket: Duplex, code: RefusalCode): void => {
    // Gone, or an answer to this very request has begun: whatever we wrote would be read as part of that.
    if (!socket.writable || answerOn(socket)?.headersSent === true) {
      socket.destroy()
      return
    }
    const requestId = newRequestId()
    const { status, headers, body } = problemOf(refuse(code), { speaker, requestId })
    const head = Object.entries({
      ...headers,
      'content-length': Buffer.byteLength(body),
      connection: 'close',
      'x-request-id': requestId,
    })
    socket.write(
      `HTTP/1.1 ${status} Refused\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
    )
    closeSoon(socket)
    // Not even a method was read, or not to the end: what there was of it may be anything.
    observe({ requestId, method: '', route: 'none', path: '', status, code, durationMs: 0, address: peerOf(socket) })
  }

  return (error: NodeJS.ErrnoException, socket: Duplex): void => {
    if (error.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    if (refused.has(socket)) return
    refused.add(socket)
    afterAnswers(socket, () => answer(socket, codes[error.code ?? ''] ?? 'malformed-request'))
  }
}

const peerOf = (socket: Duplex): string => (socket instanceof Socket ? withoutMapping(socket.remoteAddress ?? '') : '')

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

const codes: Readonly<Record<string, RefusalCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body-too-large',
}
