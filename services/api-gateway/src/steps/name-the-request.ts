import type { Ids } from '@gatehouse/ids/ids.ts'
import type { Exchange } from '../exchange.ts'

/**
 * Gives the request the id that every log line, every service and the answer will carry: the client's own when it may
 * be one.
 */
export const nameTheRequest =
  ({ ids }: { readonly ids: Ids }) =>
  (exchange: Exchange): void => {
    const { requestIds } = exchange.message
    const [named] = requestIds
    exchange.requestId = named !== undefined && requestIds.length === 1 && acceptable.test(named) ? named : ids.uuidv4()
    exchange.answerHeaders = ['x-request-id', exchange.requestId]
  }

/** It is written into logs and headers: bounded, and no letter that means something there. */
const acceptable = /^[A-Za-z0-9._-]{1,128}$/
