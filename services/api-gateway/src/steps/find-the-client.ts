import type { BlockList } from 'node:net'
import { isAmong } from '../address.ts'
import type { Exchange } from '../exchange.ts'
import { originOf } from '../forwarded.ts'

/** Finds out for whom a trusted proxy speaks. Of anybody else, nothing is believed but the address of its packets. */
export const findTheClient =
  (trusted: BlockList) =>
  (exchange: Exchange): void => {
    if (!isAmong(trusted, exchange.address)) return
    const { address, encrypted, host } = originOf(exchange.req.rawHeaders, exchange.address, trusted)
    exchange.address = address
    if (encrypted !== undefined) exchange.encrypted = encrypted
    exchange.calledHost = host
  }
