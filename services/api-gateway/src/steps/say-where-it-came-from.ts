import type { Exchange } from '../exchange.ts'

/**
 * Tells the service who called and under what name, in the two ways that services read. One address and no chain: a
 * service that reads it from the left and one that reads it from the right find the same client. The client's own
 * copies are gone by now.
 */
export const sayWhereItCameFrom = ({ address, encrypted, calledHost, headers, message }: Exchange): void => {
  const scheme = encrypted ? 'https' : 'http'
  const host = calledHost ?? message.hosts[0]
  headers.push('x-forwarded-for', address, 'x-forwarded-proto', scheme)
  // Quoted always: a port's colon has to be, and no host that passed the checks has a quote in it.
  if (host === undefined) headers.push('forwarded', `for=${nodeOf(address)};proto=${scheme}`)
  else headers.push('x-forwarded-host', host, 'forwarded', `for=${nodeOf(address)};host="${host}";proto=${scheme}`)
}

/** RFC 7239, section 6. */
const nodeOf = (address: string): string => {
  if (address.includes(':')) return `"[${address}]"`
  return address === '' ? 'unknown' : address
}
