import type { Socket } from 'node:net'
import { bearerToken } from '@gatehouse/access-tokens/bearer-credentials.ts'
import type { Exchange } from './exchange.ts'
import { limits } from './limits.ts'

/** Finds the bearer token of a request, or throws what `bearerToken` throws. */
export type TokenOf = (exchange: Pick<Exchange, 'req' | 'socket' | 'message' | 'known'>) => string

/**
 * Makes one that remembers what was found in fields that come again, and what each connection has brought last. To
 * compare it costs a fraction of what it costs to take it apart; and who looks up the very string of the last time
 * finds its hash made, where that of a new one is made of all its characters.
 */
export const tokenMemory = (): TokenOf => {
  const brought = new WeakMap<Socket, { readonly authorization: string; readonly token: string }>()
  return ({ req, socket, known, message: { authorizations, authorization } }) => {
    if (known.token !== undefined) return known.token
    if (authorizations !== 1 || authorization.length > limits.authorizationKeptMax) return bearerToken(req.rawHeaders)
    const last = brought.get(socket)
    if (last?.authorization === authorization) return (known.token = last.token)
    const token = bearerToken(req.rawHeaders)
    brought.set(socket, { authorization, token })
    return (known.token = token)
  }
}
