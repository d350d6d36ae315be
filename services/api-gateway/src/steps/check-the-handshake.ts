import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Exchange } from '../exchange.ts'

/**
 * Refuses a handshake for a WebSocket that RFC 6455, section 4.2.1, does not allow, or that comes from a page which may
 * not read the route's answers: browsers hold WebSockets to no such rule by themselves, and send cookies along.
 */
export const checkTheHandshake = (exchange: Exchange): void => {
  const { webSocket } = exchange
  if (webSocket === undefined) return
  const { keys, versions } = webSocket.handshake
  if (versions.length !== 1 || versions[0] !== '13') {
    throw refuse('websocket-version', {
      headers: { upgrade: 'websocket', connection: 'close, Upgrade', 'sec-websocket-version': '13' },
    })
  }
  if (keys.length !== 1 || !sixteenBytes.test(keys[0] ?? '')) {
    throw refuse('malformed-request', { detail: 'Sec-WebSocket-Key is not one key of 16 bytes' })
  }
  if (isForeign(exchange, webSocket.handshake.origins)) throw refuse('origin-not-allowed')
}

/** In base64: the last of 22 letters has four bits to spare. */
const sixteenBytes = /^[A-Za-z0-9+/]{21}[AQgw]==$/

/** Clients that are no browsers name no origin. A page that was served through this gateway is at home here. */
const isForeign = (
  { route: { cors }, encrypted, calledHost, message }: Exchange,
  [origin, ...others]: readonly string[],
): boolean => {
  if (cors === undefined || origin === undefined) return false
  if (others.length > 0) return true
  const own = `${encrypted ? 'https' : 'http'}://${calledHost ?? message.hosts[0] ?? ''}`
  return origin !== own.toLowerCase() && !cors.allows(origin)
}
