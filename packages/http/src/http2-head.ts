import { METHODS } from 'node:http'
import { refuse, type Refusal } from '@gatehouse/contract/refusals.ts'

/** What a request over HTTP/2 says, in the words of HTTP/1.1: what the listener and all behind it read. */
export type Head = {
  readonly method: string
  readonly target: string
  /** Flat: name, value, name, value. */
  readonly rawHeaders: string[]
}

/**
 * Says the fields of an HTTP/2 request in the words of HTTP/1.1 (RFC 9113, section 8.3.1), or why it is refused.
 * Doubtful pairs are kept as pairs, so that whoever refuses them in HTTP/1.1 refuses them here. What makes a message
 * malformed by itself (names in upper case, fields of a connection, lengths that do not fit) nghttp2 has refused
 * before; a field whose name or value has characters that it must not have, it has dropped.
 */
export const headOf = (
  raw: readonly string[],
  { hasBody, bytesMax }: { readonly hasBody: boolean; readonly bytesMax: number },
): Head | { readonly refusal: Refusal } => {
  const { pseudo, hosts, cookies, others, isMeasured, bytes } = sorted(raw)
  // What we announce as our limit binds nobody.
  if (bytes > bytesMax) return { refusal: refuse('headers-too-large') }
  const [method = '', authority] = [pseudo.get(':method'), pseudo.get(':authority')]
  const isConnect = method === 'CONNECT'
  const target = (isConnect ? authority : pseudo.get(':path')) ?? ''
  // What HTTP/1.1's parser would not read: another hop's parser could see in it what ours did not.
  if (!methods.has(method)) return malformed('unknown method')
  if (!targetForm.test(target)) return malformed('space, control or non-ASCII character in the target')
  if (!isConnect && pseudo.get(':scheme') !== 'https') return malformed(':scheme is not that of the connection')
  if (authority !== undefined && !hosts.includes(authority)) hosts.unshift(authority)
  const rawHeaders = [...hosts.flatMap((host) => ['host', host]), ...others]
  // RFC 9113, section 8.2.3: split for the sake of compression, and one field again for everybody else.
  if (cookies.length > 0) rawHeaders.push('cookie', cookies.join('; '))
  // Frames tell where the body ends. Whoever reads on is told in the only way that HTTP/1.1 has for a length not known.
  if (hasBody && !isMeasured) rawHeaders.push('transfer-encoding', 'chunked')
  return { method, target, rawHeaders }
}

/** The fields by what becomes of them. */
const sorted = (raw: readonly string[]) => {
  const pseudo = new Map<string, string>()
  const others: string[] = []
  const hosts: string[] = []
  const cookies: string[] = []
  let isMeasured = false
  let bytes = 0
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]]
    bytes += name.length + value.length
    if (name.startsWith(':')) pseudo.set(name, value)
    else if (name === 'host') hosts.push(value)
    else if (name === 'cookie') cookies.push(value)
    else others.push(name, value)
    if (name === 'content-length') isMeasured = true
  }
  return { pseudo, hosts, cookies, others, isMeasured, bytes }
}

const malformed = (detail: string) => ({ refusal: refuse('malformed-request', { detail }) })

const methods = new Set(METHODS)

const targetForm = /^[\x21-\x7E]+$/
