import { isIPv6 } from 'node:net'

/**
 * What of an address a stranger cannot choose: all of IPv4; of IPv6 the first 64 bits, in one spelling, for everyone
 * has the other 2^64 to pick from, and to count each alone would count nobody.
 */
export const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')]
  const zeros = Array.from({ length: groups - before.length - after.length }, () => 0)
  const network = [...before, ...(tail === undefined ? [] : zeros), ...after].slice(0, groups / 2)
  return `${network.map((group) => group.toString(16)).join(':')}::/64`
}

const groups = 8

// An IPv4 address at the end stands for two groups, and never among the first four.
const groupsOf = (part: string): readonly number[] =>
  part === '' ? [] : part.split(':').flatMap((group) => (group.includes('.') ? [0, 0] : [Number.parseInt(group, 16)]))
