import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { Client } from '@gatehouse/contract/operation.ts'

/** Whether we believe the `X-Forwarded-For` of this peer, an address as its socket has it without mapping. */
export type TrustedPeers = (address: string) => boolean

/** The networks a gateway of ours is on unless it is said otherwise: loopback and the private ranges. */
export const privateNetworks = (): TrustedPeers => {
  const list = new BlockList()
  for (const [network, prefix] of [
    ['127.0.0.0', 8],
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
  ] as const) {
    list.addSubnet(network, prefix, 'ipv4')
  }
  for (const [network, prefix] of [
    ['::1', 128],
    ['fc00::', 7],
    ['fe80::', 10],
  ] as const)
    list.addSubnet(network, prefix, 'ipv6')

  // Nearly always it is the gateway again, and to look costs 0.3 µs.
  let last = ''
  let isLastAmong = false
  return (address) => {
    if (address === last) return isLastAmong
    const family = isIP(address)
    isLastAmong = family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
    last = address
    return isLastAmong
  }
}

/** Every peer: for a service that only a gateway in its own process can call. */
export const everyone: TrustedPeers = () => true

/** Who is calling: the peer, or whom a trusted peer says it speaks for. */
export const clientOf = (req: IncomingMessage, requestId: string, trusted: TrustedPeers): Client => ({
  requestId,
  // Node joins several of them.
  address: addressBehind(req.socket.remoteAddress ?? '', textOf(req.headers['x-forwarded-for']), trusted),
  userAgent: userAgentOf(req.headers['user-agent']),
})

/** As it is kept: cut. */
export const userAgentOf = (header: string | undefined): string | undefined => header?.slice(0, userAgentMax)

/** The request's id if it may be one: it is written into logs and headers, so its letters are bounded. */
export const requestIdOf = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' && /^[\w.-]{1,128}$/.test(header) ? header : undefined

/** Characters: longer ones are cut, for they are stored with each session. */
const userAgentMax = 255

const textOf = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined

/** The peer, or the address that a trusted peer says it speaks for. */
export const addressBehind = (peer: string, forwardedFor: string | undefined, trusted: TrustedPeers): string => {
  const address = withoutMapping(peer)
  if (forwardedFor === undefined || !trusted(address)) return address
  // Read from the right: what stands further left was written by those we know nothing of.
  const nearest = withoutMapping(forwardedFor.slice(forwardedFor.lastIndexOf(',') + 1).trim())
  return isIP(nearest) === 0 ? address : nearest
}

/** An address of IPv4 as such, also on a socket that speaks both. */
export const withoutMapping = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address)
