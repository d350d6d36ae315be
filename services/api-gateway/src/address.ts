import { isIP, SocketAddress, type BlockList } from 'node:net'

/**
 * An address in its one spelling, or `undefined` when this is none. Lower case, shortest form, and an IPv4 client as
 * IPv4 also where a socket that speaks both wrote it: who is counted by address must not have several.
 */
export const addressOf = (text: string): string | undefined => {
  switch (isIP(text)) {
    case 4:
      return text
    case 6:
      // A zone (`%eth0`) is any text at all, and means something on the machine that wrote it alone.
      return text.includes('%')
        ? undefined
        : withoutMapping(new SocketAddress({ address: text, family: 'ipv6' }).address)
    default:
      return undefined
  }
}

/** Takes off what marks an IPv4 address on a socket that speaks both. */
export const withoutMapping = (address: string): string =>
  address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address

/** Tells whether an address is one of these. */
export const isAmong = (addresses: BlockList, address: string): boolean => {
  const family = isIP(address)
  return family !== 0 && addresses.check(address, family === 6 ? 'ipv6' : 'ipv4')
}
