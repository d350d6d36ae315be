import type { Exchange } from '../exchange.ts'

/**
 * Tells the service who called and under what name. No peer is trusted to have said so before us: the client's own
 * `X-Forwarded-*` are gone by now, and the address is the one that its packets come from.
 */
export const sayWhereItCameFrom = ({ address, encrypted, headers, message }: Exchange): void => {
  headers.push('x-forwarded-for', address, 'x-forwarded-proto', encrypted ? 'https' : 'http')
  const [host] = message.hosts
  if (host !== undefined) headers.push('x-forwarded-host', host)
}
