import type { Clock } from '@gatehouse/clock/clock.ts'
import { limits } from './limits.ts'
import type { Ports, Upstream } from './ports.ts'

/**
 * Answers `GET /health` of the gateway: from memory while it is young enough, so that asking often costs the services
 * nothing.
 */
export const healthOf = ({ upstreams, clock }: Pick<Ports, 'upstreams'> & { readonly clock: Clock }) => {
  let known: { readonly body: string; readonly at: number } | undefined
  let asking: Promise<string> | undefined

  const ask = async (): Promise<string> => {
    const [auth_service, user_service] = await Promise.all([
      inTime(upstreams['auth-service']),
      inTime(upstreams['user-service']),
    ])
    const body = JSON.stringify({ gateway: 'healthy', services: { auth_service, user_service } })
    known = { body, at: clock.monotonic() }
    asking = undefined
    return body
  }

  return (): string | Promise<string> => {
    if (known !== undefined && clock.monotonic() - known.at < limits.probeAgeMs) return known.body
    asking ??= ask()
    return asking
  }
}

/** A service that does not say in time whether it is well is not well. */
const inTime = async (upstream: Upstream): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const late = setTimeout(resolve, limits.probeTimeoutMs, false)
  upstream.healthy().then(resolve, () => resolve(false))
  const healthy = await promise
  clearTimeout(late)
  return healthy
}
