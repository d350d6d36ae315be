import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Exchange } from '../exchange.ts'

/** Refuses a handshake for a WebSocket that RFC 6455, section 4.2.1, does not allow. */
export const checkTheHandshake = ({ webSocket }: Exchange): void => {
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
}

/** In base64: the last of 22 letters has four bits to spare. */
const sixteenBytes = /^[A-Za-z0-9+/]{21}[AQgw]==$/
