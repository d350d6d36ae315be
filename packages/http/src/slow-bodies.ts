import type { ServerResponse } from 'node:http'
import type { Many } from './under-way.ts'

/** What the body of a request must bring, and how many unfinished ones there may be. */
export type BodyLimits = {
  /** On average: who sends less is cut when `bodyGraceMs` worth of it is missing. */
  readonly bodyBytesPerSecondMin: number
  readonly bodyGraceMs: number
  /** Requests whose body is not here yet; beyond that the slowest are cut. */
  readonly uploadsMax: number
}

/**
 * Looks at the requests under way whose body is not here yet, and cuts those that bring too little: a few bytes now and
 * then would hold a place at a service for as long as the whole request may take, and a thousand such clients all of
 * them. To be called every `everyMs`; calls `cut` once for each, which may take its time. Nothing is done for a request
 * that arrives whole.
 */
export const slowBodies = (
  { bodyBytesPerSecondMin, bodyGraceMs, uploadsMax }: BodyLimits,
  everyMs: number,
  cut: (res: ServerResponse) => void,
) => {
  const creditMax = (bodyBytesPerSecondMin * bodyGraceMs) / 1_000
  const due = (bodyBytesPerSecondMin * everyMs) / 1_000
  const uploads = new WeakMap<ServerResponse, Upload>()

  return (underWay: Many<ServerResponse>): void => {
    const waited: Upload[] = []
    let unfinished = 0
    underWay.forEach((res) => {
      if (res.req.complete || res.headersSent) return
      const upload = uploads.get(res)
      // Its turn comes: meanwhile it is none of too many.
      if (upload?.isCut === true) return
      unfinished += 1
      const { bytesRead } = res.req.socket
      // In its first moment nobody is slow.
      if (upload === undefined) uploads.set(res, { res, bytesRead, gained: 0, credit: creditMax, isCut: false })
      else if (waitsForClient(res)) {
        upload.gained = bytesRead - upload.bytesRead
        upload.bytesRead = bytesRead
        upload.credit = Math.min(creditMax, upload.credit + upload.gained - due)
        waited.push(upload)
      }
    })
    const poor = waited.filter(({ credit }) => credit < 0)
    const tooMany = unfinished - poor.length - uploadsMax
    const slowest =
      tooMany <= 0
        ? []
        : waited
            .filter(({ credit }) => credit >= 0)
            .toSorted((one, other) => one.gained - other.gained)
            .slice(0, tooMany)
    for (const upload of [...poor, ...slowest]) {
      upload.isCut = true
      cut(upload.res)
    }
  }
}

/** A request whose body is still coming. */
type Upload = {
  readonly res: ServerResponse
  /** At the last look, of its connection. */
  bytesRead: number
  /** Between the last look and the one before. */
  gained: number
  /** Bytes that it may still be behind. */
  credit: number
  isCut: boolean
}

/** Whether somebody reads the body and has read all there is: otherwise it is not the client who is slow. */
const waitsForClient = ({ req }: ServerResponse): boolean => req.readableFlowing === true && req.readableLength === 0
