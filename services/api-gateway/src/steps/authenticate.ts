import type { Bearer } from '@gatehouse/contract/operation.ts'
import type { Exchange, Step } from '../exchange.ts'
import type { Ports } from '../ports.ts'
import { tokenMemory } from '../token-memory.ts'

/** Lets nobody pass to a guarded route without a living token, and tells the service whose it is. */
export const authenticate = ({ verify }: Pick<Ports, 'verify'>): Step => {
  const tokenOf = tokenMemory()
  return (exchange) => {
    const { access } = exchange.route
    if (access === 'public') return undefined
    if (access === 'optional' && exchange.message.authorizations === 0) return undefined
    // Known already where the rate was limited by caller.
    const caller = exchange.caller ?? verify(tokenOf(exchange))
    if (!(caller instanceof Promise)) return introduce(exchange, caller)
    return caller.then((verified) => introduce(exchange, verified))
  }
}

const introduce = (exchange: Exchange, caller: Bearer): void => {
  exchange.caller = caller
  exchange.headers.push('x-user-id', caller.userId, 'x-session-id', caller.sessionId)
}
