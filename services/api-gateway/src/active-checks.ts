import type { Origin } from './origins.ts'
import type { Check } from './own-route.ts'

type Parts = {
  readonly origins: readonly Origin[]
  readonly check: Check
  /** Failures in a row that make a replica ill. */
  readonly failures: number
  /** From 0 up to 1. */
  readonly random: () => number
}

/**
 * Asks each replica `GET path` again and again, whether or not it is used, and keeps those that do not answer with a
 * 2xx in time out of the choice. A replica is well until it has failed.
 */
export const startActiveChecks = ({ origins, check, failures, random }: Parts): { readonly stop: () => void } => {
  const timers = new Set<NodeJS.Timeout>()
  let stopped = false

  const checkFrom = (origin: Origin, failed: number, afterMs: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      void answersWell(origin, check).then((well) => judge(origin, well ? 0 : failed + 1))
    }, afterMs).unref()
    timers.add(timer)
  }

  const judge = (origin: Origin, failed: number): void => {
    if (stopped) return
    if (failed === 0) origin.ill = false
    else if (failed >= failures) origin.ill = true
    // Up to a tenth earlier or later, so that many gateways do not all ask at once.
    checkFrom(origin, failed, check.everyMs * (0.9 + random() * 0.2))
  }

  for (const origin of origins) checkFrom(origin, 0, check.everyMs * random())
  return {
    stop: () => {
      stopped = true
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

const answersWell = async ({ way }: Origin, { path, timeoutMs }: Check): Promise<boolean> => {
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const { statusCode, body } = await way.request({ path, method: 'GET', signal })
    await body.dump()
    return statusCode >= 200 && statusCode < 300
  } catch {
    return false
  }
}
