import { Readable, Transform } from 'node:stream'
import { refuse, type Refusal } from '@gatehouse/contract/refusals.ts'
import type { Exchange } from '../exchange.ts'

/** Refuses a body that is longer than its route takes: at once when it says so itself, otherwise when it has become so. */
export const boundTheBody = (exchange: Exchange): void => {
  const { bodyBytesMax } = exchange.route
  if (bodyBytesMax === undefined) return
  const { framing, contentLength } = exchange.message
  if (framing === 'length' && Number(contentLength) > bodyBytesMax) throw tooLarge(bodyBytesMax)
  // A declared length is kept by the parser, which takes what is beyond it for the next request.
  if (framing === 'chunked' && exchange.req instanceof Readable) exchange.body = counted(exchange.req, bodyBytesMax)
}

const counted = (req: Readable, bytesMax: number): Readable => {
  let bytes = 0
  const counting = new Transform({
    transform: (chunk: Buffer, _encoding, pass) => {
      bytes += chunk.length
      if (bytes > bytesMax) pass(tooLarge(bytesMax))
      else pass(null, chunk)
    },
  })
  // Whoever reads it is told as well; until somebody does, it must not end the process.
  counting.on('error', () => req.unpipe(counting))
  // Not as a pipeline: that would close the client's connection before it has its answer.
  return req.pipe(counting)
}

const tooLarge = (bytesMax: number): Refusal =>
  refuse('body-too-large', { detail: `at most ${bytesMax} bytes on this route` })
