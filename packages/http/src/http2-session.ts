import type { RequestListener, ServerResponse } from 'node:http'
import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { problemOf, type Speaker } from '@gatehouse/contract/problem.ts'
import { refuse, type Refusal } from '@gatehouse/contract/refusals.ts'
import type { Observe } from '@gatehouse/observe/answered.ts'
import { withoutMapping } from './client.ts'
import { headOf } from './http2-head.ts'
import { Http2Request } from './http2-request.ts'
import { Http2Response } from './http2-response.ts'
import type { TlsLimits } from './limits.ts'

/** How requests over HTTP/2 are taken. */
export type Http2Parts = {
  readonly listener: RequestListener
  readonly limits: TlsLimits
  readonly speaker: Speaker
  readonly newRequestId: () => string
  /** Told of what is answered here: the listener has not seen it. */
  readonly observe: Observe
}

/** Speaks HTTP/2 on a connection that has agreed on it: each of its streams is a request to the listener. */
export const openHttp2Session = (socket: TLSSocket, parts: Http2Parts): ServerHttp2Session => {
  const { limits } = parts
  const session = performServerHandshake(socket, optionsOf(limits))
  session.setLocalWindowSize(limits.http2SessionWindowBytes)
  // The client's fault or the network's: it has ended the session by now, and nobody else has to know.
  session.on('error', () => {})
  let open = 0
  let resets = 0
  let finished = 0
  session.on('stream', (stream, _fields, flags, rawHeaders) => {
    stream.on('error', () => {})
    const hasBody = (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0
    const res = take(stream, rawHeaders, { ...parts, socket, hasBody })
    open += 1
    stream.once('close', () => {
      open -= 1
      if (res.writableFinished || res.isCut) finished += 1
      else resets += 1
      // CVE-2023-44487: opening and resetting costs the client two small frames, and us and the service a request each.
      // Whoever reads answers may drop some, whoever reads none may not; told without a clock.
      if (resets <= limits.http2ResetsMax + finished) return
      session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM)
      session.destroy()
    })
  })
  session.setTimeout(limits.keepAliveTimeoutMs)
  session.on('timeout', () => {
    if (open === 0) session.close()
    else session.setTimeout(limits.keepAliveTimeoutMs)
  })
  return session
}

/**
 * Node's own defences, each named. Beside them nghttp2 has some without an option: it ends a session that sends more
 * than eight CONTINUATION frames for a head, or that lets a thousand of our acknowledgements pile up unread.
 */
const optionsOf = (limits: TlsLimits) => ({
  maxHeaderListPairs: limits.http2FieldsMax,
  maxSessionInvalidFrames: limits.http2InvalidFramesMax,
  maxSessionMemory: limits.http2SessionMemoryMb,
  maxSessionRejectedStreams: limits.http2RejectedStreamsMax,
  maxSettings: limits.http2SettingsMax,
  // We pass on what the service said; that it said it twice is between it and the client.
  strictSingleValueFields: false,
  settings: {
    enablePush: false,
    initialWindowSize: limits.http2StreamWindowBytes,
    maxConcurrentStreams: limits.http2StreamsMax,
    maxHeaderListSize: limits.headerBytesMax,
  },
})

type Taken = Http2Parts & { readonly socket: TLSSocket; readonly hasBody: boolean }

/** Hands a request to the listener, or answers what cannot become one. */
const take = (stream: ServerHttp2Stream, rawHeaders: readonly string[], taken: Taken): Http2Response => {
  const head = headOf(rawHeaders, { hasBody: taken.hasBody, bytesMax: taken.limits.headerBytesMax })
  if ('refusal' in head) return refuseOn(stream, head.refusal, taken)
  cutWhenNotRead(stream, taken.limits)
  const req = new Http2Request(stream, taken.socket, head)
  const res = new Http2Response(stream, req)
  if (taken.hasBody) refuseWhenLate(res, taken)
  // What Node's compatibility layer is for: the members that listeners use are there, with the same promises.
  taken.listener(req, res as unknown as ServerResponse)
  return res
}

/** A client that opens no window for an answer makes us hold it: for so long, and no longer. */
const cutWhenNotRead = (stream: ServerHttp2Stream, { http2UnreadMs }: TlsLimits): void => {
  stream.setTimeout(http2UnreadMs)
  stream.on('timeout', () => {
    // By an error that Node does not hold back until the body is out.
    if (stream.writableLength > 0) stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM)
    else stream.setTimeout(http2UnreadMs)
  })
}

/** What the HTTP/1.1 server does by itself. */
const refuseWhenLate = (res: Http2Response, taken: Taken): void => {
  const late = setTimeout(refuseLate, taken.limits.requestTimeoutMs, res, taken)
  res.stream.once('end', () => clearTimeout(late)).once('close', () => clearTimeout(late))
}

/** Refuses a request whose body does not come in time; one whose answer has begun is broken off. */
export const refuseLate = (res: Http2Response, parts: Http2Parts): void => {
  if (!res.headersSent) answerWith(res, refuse('request-timeout'), parts)
  // Closed at once, so that nobody who still works on an answer can write into this one.
  res.stream.close(res.writableEnded ? constants.NGHTTP2_NO_ERROR : constants.NGHTTP2_ENHANCE_YOUR_CALM)
}

const refuseOn = (stream: ServerHttp2Stream, refusal: Refusal, taken: Taken): Http2Response => {
  const res = new Http2Response(stream)
  const { requestId, status } = answerWith(res, refusal, taken)
  const address = withoutMapping(taken.socket.remoteAddress ?? '')
  const { code } = refusal
  taken.observe({ requestId, method: '', route: 'none', path: '', status, code, durationMs: 0, address })
  return res
}

const answerWith = (res: Http2Response, refusal: Refusal, { speaker, newRequestId }: Http2Parts) => {
  const requestId = newRequestId()
  const { status, headers, body } = problemOf(refusal, { speaker, requestId })
  res.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body), 'x-request-id': requestId })
  res.end(body)
  return { requestId, status }
}
