import type { Readable } from 'node:stream'
import type { Asked } from '@gatehouse/http/listener.ts'
import { limits } from './limits.ts'
import type { Message } from './message.ts'
import type { Onward } from './ports.ts'
import { bodyOf, gather } from './whole-body.ts'

/**
 * How much of a body must be here before its way to a service is opened: as much as is sent on in one piece where there
 * is so much, and otherwise all of it. Of one that does not say how long it is, a byte: its client may wait for an
 * answer to what it has sent so far.
 */
export const firstBodyBytes = ({ framing, contentLength }: Pick<Message, 'framing' | 'contentLength'>): number =>
  framing === 'chunked' ? 1 : Math.min(Number(contentLength), limits.wholeBodyBytesMax)

/** Whether there is a body that has not been waited for yet. */
export const isAwaited = ({ firstBodyBytes: bytes, journey }: Onward): boolean => bytes > 0 && journey.tries === 0

/** Calls back when there is enough of a body: with all of it where it is sent on as a whole. */
export const whenBegun = (
  req: Asked,
  { wholeBodyBytes, firstBodyBytes: bytes, body }: Pick<Onward, 'wholeBodyBytes' | 'firstBodyBytes' | 'body'>,
  told: (whole: string | undefined) => void,
): void => {
  if (wholeBodyBytes > 0) gather(req, wholeBodyBytes, told)
  else firstBytes(body ?? bodyOf(req), bytes, told)
}

/**
 * Reads so many bytes of a body, puts them back and calls back: a client that is slow from the beginning, or leaves,
 * then costs no connection to a service, which is most of what it could cost. Calls back with the body where it turns
 * out to be empty, and also when it fails, which whoever reads it is told.
 */
const firstBytes = (body: Readable | null, bytes: number, told: (empty: '' | undefined) => void): void => {
  if (body === null) return told(undefined)
  // A string, as in `gather`.
  let before = ''
  const stop = (): void => {
    body.off('data', take).off('end', ended).off('error', failed)
    body.pause()
  }
  const take = (piece: Buffer): void => {
    if (before.length + piece.length < bytes) {
      before += piece.toString('latin1')
      return
    }
    stop()
    body.unshift(before === '' ? piece : Buffer.concat([Buffer.from(before, 'latin1'), piece]))
    told(undefined)
  }
  const ended = (): void => {
    stop()
    told('')
  }
  const failed = (): void => {
    stop()
    told(undefined)
  }
  body.on('data', take).on('end', ended).on('error', failed)
}
