import { Socket } from 'node:net'
import { problemOf } from '@gatehouse/contract/problem.ts'
import type { Refusal } from '@gatehouse/contract/refusals.ts'
import type { Answering } from '@gatehouse/http/listener.ts'
import type { Exchange } from './exchange.ts'

/** Answers a refusal of the gateway's own as problem details. */
export const answerRefusal = ({ req, res, message, requestId, answerHeaders }: Exchange, refusal: Refusal): void => {
  const { status, headers, body } = problemOf(refusal, { speaker: 'gateway', requestId })
  // A body that was begun and not read to its end would be taken for the next request; one that was announced and not
  // asked for may come or not (RFC 9110, section 10.1.1).
  const halfRead =
    message.framing !== 'none' &&
    !req.complete &&
    (req.destroyed || req.readableFlowing !== null || message.expectation !== undefined)
  res.writeHead(status, [
    ...Object.entries({
      ...headers,
      ...(halfRead ? { connection: 'close' } : {}),
      'content-length': String(Buffer.byteLength(body)),
    }).flat(),
    ...answerHeaders,
  ])
  res.end(body)
}

/** Answers 200 with JSON that is already text. */
export const answerJson = ({ res, answerHeaders }: Exchange, body: string): void => {
  const length = String(Buffer.byteLength(body))
  res.writeHead(200, ['content-type', 'application/json; charset=utf-8', 'content-length', length, ...answerHeaders])
  res.end(body)
}

/** Answers 204: all that there is to say stands in the head. */
export const answerNothing = ({ res, answerHeaders }: Exchange): void => {
  res.writeHead(204, answerHeaders)
  res.end()
}

/**
 * Ends an answer that cannot be completed so that nobody takes it for complete. By a reset: to an HTTP/1.0 client an
 * orderly close is how a good answer ends.
 */
export const breakOff = (res: Answering): void => {
  const { socket } = res
  // Only TCP has a reset; TLS tells a cut from an end by itself. Nor is there a reset behind an end: libuv refuses it,
  // Node forgets the socket all the same, and its descriptor wakes the event loop for ever.
  if (socket instanceof Socket && !('encrypted' in socket) && !socket.writableEnded) socket.resetAndDestroy()
  res.destroy()
}
