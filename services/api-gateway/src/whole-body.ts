import { Readable } from 'node:stream'
import type { Asked } from '@gatehouse/http/listener.ts'
import { limits } from './limits.ts'
import type { Message } from './message.ts'
import { isBodiless } from './request-methods.ts'

/**
 * How long a body is that is sent on when all of it is here: declared, small, and where a body is expected. 0 for every
 * other, which goes on as it comes. Who waits for leave to send it is told by whoever reads it: not by us.
 */
export const wholeBodyBytes = ({ method, framing, contentLength, expectation }: Message): number =>
  framing === 'length' && expectation === undefined && !isBodiless(method) && lengthForm.test(contentLength)
    ? upTo(Number(contentLength))
    : 0

const upTo = (bytes: number): number => (bytes <= limits.wholeBodyBytesMax ? bytes : 0)

/** As everybody writes it: what goes on is this field, and the service must count as we do. */
const lengthForm = /^[1-9]\d{0,5}$/

/** A request's body as it comes. Only who has read its framing can have one. */
export const bodyOf = (req: Asked): Readable | null => (req instanceof Readable ? req : null)

/** Whether all that there is of a body was read, and the rest is not here: the service has nothing to answer. */
export const isWaitedFor = ({ complete, readableFlowing, readableLength }: Asked): boolean =>
  !complete && readableFlowing === true && readableLength === 0

/**
 * Reads a body of so many bytes to its end and tells it, as Latin-1. What leaves in one piece costs half, holds no
 * connection while a client is slow, and can be sent once more. Never told of is a body that breaks off, or that is not
 * as long as its request says: behind such a head it would be two requests, or half of one.
 */
export const gather = (req: Asked, bytes: number, told: (body: string) => void): void => {
  // A string from the first piece on: of a client that drips, a buffer for each byte would be hundreds.
  let body = ''
  bodyOf(req)
    ?.on('data', (piece: Buffer) => (body += piece.toString('latin1')))
    .on('end', () => {
      if (body.length === bytes) told(body)
    })
}
