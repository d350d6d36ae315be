import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Switch } from '../ports.ts'
import { acceptOf, bearerProtocol, readHandshake, valuesOf, type Handshake } from './handshake.ts'
import { tunnel, type Tunnel, type TunnelLimits } from './tunnel.ts'
import { upgradedResponse } from './upgraded-response.ts'
import type { Place } from './web-sockets.ts'

/** A request that wants to become a WebSocket. Until its upstream agrees it is a request like any other. */
export type WebSocketRequest = Switch & {
  readonly handshake: Handshake
  readonly res: ServerResponse
  /** By "take a place". */
  place: Place | undefined
  /** Once it has become one. */
  tunnel: Tunnel | undefined
}

/** Reads the handshake of such a request, and makes the answer that `node:http` does not give it. */
export const webSocketRequest = (req: IncomingMessage, client: Socket, limits: TunnelLimits): WebSocketRequest => {
  const { res, release } = upgradedResponse(req, client)
  const handshake = readHandshake(req)
  const request: WebSocketRequest = {
    handshake,
    res,
    place: undefined,
    tunnel: undefined,
    switched: (upstream, rawHeaders, head) => {
      const answer = answerHead(handshake, rawHeaders, head)
      if (upstream instanceof Socket) {
        upstream.setNoDelay(true)
        // An end from one side is passed on as such, not made the end of both.
        upstream.allowHalfOpen = true
      }
      release()
      res.writeHead(101, answer)
      res.end()
      request.tunnel = tunnel(client, upstream, limits)
      request.place?.opened(request.tunnel)
    },
  }
  return request
}

/** Our own 101, once theirs has proved that they mean this very handshake; otherwise a refusal is thrown. */
const answerHead = (
  { keys, protocols, offeredBearer }: Handshake,
  rawHeaders: readonly string[],
  head: readonly string[],
): string[] => {
  const [upgrade, ...otherUpgrades] = valuesOf(rawHeaders, 'upgrade')
  if (upgrade?.toLowerCase() !== 'websocket' || otherUpgrades.length > 0) throw nonsense('Upgrade')
  const [accept, ...otherAccepts] = valuesOf(rawHeaders, 'sec-websocket-accept')
  if (accept !== acceptOf(keys[0] ?? '') || otherAccepts.length > 0) throw nonsense('Sec-WebSocket-Accept')
  const [chosen, ...otherChoices] = valuesOf(rawHeaders, 'sec-websocket-protocol')
  const wasOffered = chosen === undefined || protocols.includes(chosen)
  if (!wasOffered || otherChoices.length > 0) throw nonsense('Sec-WebSocket-Protocol')
  const answer: string[] = []
  for (let at = 0; at + 1 < head.length; at += 2) {
    const name = head[at] ?? ''
    // RFC 9110, section 8.6: a 1xx has none.
    if (name.toLowerCase() !== 'content-length') answer.push(name, head[at + 1] ?? '')
  }
  answer.push('Connection', 'Upgrade', 'Upgrade', 'websocket')
  // Browsers hang up on a server that chose none of the subprotocols that they offered.
  if (chosen === undefined && offeredBearer) answer.push('Sec-WebSocket-Protocol', bearerProtocol)
  return answer
}

const nonsense = (field: string): Error => refuse('upstream-failed', { cause: new Error(`101 with a wrong ${field}`) })
