import type { Exchange } from '../exchange.ts'

/**
 * Tells browsers which pages of other origins may read the answer, whoever gives it; answers preflights, which ask for
 * that beforehand. It keeps no request out: what anyone may send, anyone may send, and only a browser obeys.
 */
export const sayWhoMayRead = (exchange: Exchange): void => {
  const { cors } = exchange.route
  if (cors === undefined) return
  const { rawHeaders } = exchange.req
  const origin = valueOf(rawHeaders, 'origin')
  const isPreflight =
    exchange.message.method === 'OPTIONS' &&
    origin !== undefined &&
    valueOf(rawHeaders, 'access-control-request-method') !== undefined
  if (isPreflight) exchange.route = cors.preflight
  exchange.answerHeaders.push(...(isPreflight ? cors.permitted(origin) : cors.told(origin)))
}

/** Of a field that is said once. Two origins are the origin of nobody. */
const valueOf = (rawHeaders: readonly string[], wanted: string): string | undefined => {
  let value: string | undefined
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length !== wanted.length || name.toLowerCase() !== wanted) continue
    if (value !== undefined) return undefined
    value = rawHeaders[at + 1]
  }
  return value
}
