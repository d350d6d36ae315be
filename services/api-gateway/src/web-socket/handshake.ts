import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { joinedHeaders } from '../joined-headers.ts'

/**
 * The subprotocol behind which a browser puts its access token, for it can set no `Authorization` on a WebSocket:
 * `new WebSocket(url, ['chat', 'gatehouse.bearer', token])`. Never in the query: that stands in logs and histories.
 */
export const bearerProtocol = 'gatehouse.bearer'

/** What a client says of the WebSocket it wants (RFC 6455, section 4.1). */
export type Handshake = {
  readonly keys: readonly string[]
  readonly versions: readonly string[]
  readonly origins: readonly string[]
  /** Subprotocols offered to the service: ours is none of its business. */
  readonly protocols: readonly string[]
  /** The client offered `bearerProtocol`, and hangs up unless some subprotocol is chosen. */
  readonly offeredBearer: boolean
}

/**
 * Tells whether this is a request for a WebSocket that we take: alone on its connection, and without a body. Any other
 * upgrade is ignored, as RFC 9110, section 7.8, allows: the request is served as if it had not asked.
 */
export const asksForWebSocket = (req: IncomingMessage): boolean => {
  if (req.method !== 'GET' || req.httpVersion !== '1.1') return false
  let upgrades = 0
  for (let at = 0; at + 1 < req.rawHeaders.length; at += 2) {
    const name = req.rawHeaders[at]?.toLowerCase()
    if (name === 'content-length' || name === 'transfer-encoding') return false
    if (name !== 'upgrade') continue
    if (req.rawHeaders[at + 1]?.toLowerCase() !== 'websocket') return false
    upgrades += 1
  }
  // Behind an answer that is still under way, ours would be taken for that. node:http documents no other way to ask.
  const { _httpMessage: answering } = req.socket as typeof req.socket & { readonly _httpMessage?: object | null }
  return upgrades === 1 && (answering === undefined || answering === null)
}

/**
 * Reads the handshake, and moves a token from the subprotocols to `Authorization`: there every step and the service
 * look for it, and two of them are refused as always.
 */
export const readHandshake = (req: IncomingMessage): Handshake => {
  const { rawHeaders } = req
  const kept: string[] = []
  const said: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const value = rawHeaders[at + 1] ?? ''
    if (name.toLowerCase() === 'sec-websocket-protocol') said.push(...value.split(',').map((one) => one.trim()))
    else kept.push(name, value)
  }
  const at = said.indexOf(bearerProtocol)
  const protocols = at === -1 ? said : said.toSpliced(at, 2)
  if (at !== -1) {
    if (protocols.length > 0) kept.push('Sec-WebSocket-Protocol', protocols.join(', '))
    kept.push('Authorization', `Bearer ${said[at + 1] ?? ''}`)
    req.rawHeaders = kept
    req.headers = joinedHeaders(req)
  }
  return {
    keys: valuesOf(kept, 'sec-websocket-key'),
    versions: valuesOf(kept, 'sec-websocket-version'),
    origins: valuesOf(kept, 'origin'),
    protocols,
    offeredBearer: at !== -1,
  }
}

/** What `Sec-WebSocket-Accept` must be (RFC 6455, section 4.2.2): proof that the other side has read our handshake. */
export const acceptOf = (key: string): string => createHash('sha1').update(`${key}${guid}`).digest('base64')

/** All values of a field (lower case) in flat headers. */
export const valuesOf = (flat: readonly string[], name: string): readonly string[] =>
  flat.filter((_value, at) => at % 2 === 1 && flat[at - 1]?.toLowerCase() === name)

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
