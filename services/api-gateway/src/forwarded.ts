import type { BlockList } from 'node:net'
import { addressOf, isAmong } from './address.ts'
import { isHost } from './host.ts'
import { limits } from './limits.ts'

/** Whom a trusted peer speaks for; what it did not say, or said in a form that we do not believe, is absent. */
export type Origin = {
  readonly address: string
  readonly encrypted?: boolean
  readonly host?: string
}

/** The fields in which proxies say where a request came from, each as often as it was sent. */
type Said = {
  readonly for: string[]
  readonly proto: string[]
  readonly host: string[]
  readonly forwarded: string[]
}

/**
 * Reads what a trusted peer says of where a request came from: `X-Forwarded-*` and RFC 7239's `Forwarded`. The client
 * is the right-most address that is not trusted itself: everything to the left of it is the client's own word.
 */
export const originOf = (rawHeaders: readonly string[], peer: string, trusted: BlockList): Origin => {
  const said = saidIn(rawHeaders)
  const plain =
    said.for.length > 0 ? nearest(said.for, (hop) => ({ address: addressIn(hop) }), peer, trusted) : undefined
  const standard = said.forwarded.length > 0 ? nearest(said.forwarded, hopOf, peer, trusted) : undefined
  // A proxy writes the one and passes the client's copy of the other along. Which is which cannot be known from here.
  if (plain !== undefined && standard !== undefined && plain.address !== standard.address) return { address: peer }
  const encrypted = encryptedOf(last(said.proto)) ?? standard?.encrypted
  const host = hostOf(last(said.host)) ?? standard?.host
  return {
    address: plain?.address ?? standard?.address ?? peer,
    ...(encrypted === undefined ? {} : { encrypted }),
    ...(host === undefined ? {} : { host }),
  }
}

const saidIn = (rawHeaders: readonly string[]): Said => {
  const said: Said = { for: [], proto: [], host: [], forwarded: [] }
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const value = rawHeaders[at + 1] ?? ''
    switch ((rawHeaders[at] ?? '').toLowerCase()) {
      case 'x-forwarded-for':
        said.for.push(value)
        break
      case 'x-forwarded-proto':
        said.proto.push(value)
        break
      case 'x-forwarded-host':
        said.host.push(value)
        break
      case 'forwarded':
        said.forwarded.push(value)
        break
    }
  }
  return said
}

type Hop = { readonly address: string | undefined; readonly encrypted?: boolean; readonly host?: string }

/** Walks from the peer towards the client as far as trust reaches; what cannot be read ends the walk before it. */
const nearest = (
  values: readonly string[],
  read: (element: string) => Hop,
  peer: string,
  trusted: BlockList,
): Origin => {
  let found: Origin = { address: peer }
  let hops = 0
  for (const element of fromTheRight(values)) {
    const { address, ...others } = read(element)
    hops += 1
    if (address === undefined || hops > limits.forwardedHopsMax) return found
    found = { address, ...others }
    if (!isAmong(trusted, address)) return found
  }
  return found
}

/**
 * The elements of a list field, the last one first. Read from the right, so that an open quote that the client left
 * cannot swallow what the proxy wrote behind it.
 */
function* fromTheRight(values: readonly string[]): Generator<string> {
  for (const value of values.toReversed()) {
    let end = value.length
    let isQuoted = false
    for (let at = end - 1; at >= 0; at -= 1) {
      if (value[at] === '"') isQuoted = !isQuoted
      if (value[at] !== ',' || isQuoted) continue
      yield value.slice(at + 1, end).trim()
      end = at
    }
    yield value.slice(0, end).trim()
  }
}

/** By whom we were sent it: the nearest trusted proxy. */
const last = (values: readonly string[]): string | undefined => values.at(-1)?.split(',').at(-1)?.trim()

/** RFC 7239, section 4: `for=192.0.2.60;proto=http;by=203.0.113.43`, in any order, each at most once. */
const hopOf = (element: string): Hop => {
  const pairs = new Map<string, string>()
  for (const part of element.split(';')) {
    const [, name, quoted, token] = pair.exec(part.trim()) ?? []
    if (name === undefined || pairs.has(name.toLowerCase())) return { address: undefined }
    pairs.set(name.toLowerCase(), quoted ?? token ?? '')
  }
  const encrypted = encryptedOf(pairs.get('proto'))
  const host = hostOf(pairs.get('host'))
  return {
    address: addressIn(pairs.get('for') ?? ''),
    ...(encrypted === undefined ? {} : { encrypted }),
    ...(host === undefined ? {} : { host }),
  }
}

/** Addresses with colons should be quoted, and often are not. No value that we believe needs a backslash. */
const pair = /^([A-Za-z]+)=(?:"([^"\\]*)"|([\w.~!#$%&'*+^`|:[\]-]+))$/

/** An address, perhaps with a port behind it. `unknown` and RFC 7239's hidden names are none. */
const addressIn = (node: string): string | undefined => {
  const [, bracketed, plain] = withPort.exec(node) ?? []
  return addressOf(bracketed ?? plain ?? node)
}

const withPort = /^(?:\[([^\]]*)\]|([\d.]+))(?::[\w.-]{1,32})?$/

/** Some proxies name the protocol that is spoken inside. */
const encryptedOf = (scheme: string | undefined): boolean | undefined => {
  switch (scheme?.toLowerCase()) {
    case 'https':
    case 'wss':
      return true
    case 'http':
    case 'ws':
      return false
    default:
      return undefined
  }
}

const hostOf = (host: string | undefined): string | undefined => (host !== undefined && isHost(host) ? host : undefined)
