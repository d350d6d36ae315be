import { bearerToken } from '@gatehouse/access-tokens/bearer-credentials.ts'
import { networkOf } from '@gatehouse/counters/network-of.ts'
import type { Exchange, Step } from '../exchange.ts'
import type { Occupant, WebSockets } from '../web-socket/web-sockets.ts'

/** Keeps a place for what will be a WebSocket, and leaves it when it has ended or never became one. */
export const takeAPlace =
  ({ take }: Pick<WebSockets, 'take'>): Step =>
  (exchange) => {
    const { webSocket } = exchange
    if (webSocket === undefined) return
    const place = take(occupant(exchange))
    webSocket.place = place
    exchange.res.on('close', () => {
      if (webSocket.tunnel === undefined) place.leave()
      else void webSocket.tunnel.ended.then(place.leave)
    })
  }

const occupant = ({ caller, address, req }: Exchange): Occupant =>
  caller === undefined
    ? { key: networkOf(address) }
    : { key: caller.userId, token: bearerToken(req.rawHeaders), expiresAt: caller.expiresAt }
