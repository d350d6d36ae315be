import type { Observe } from './answered.ts'
import { observer, type Observed } from './observer.ts'

type Told = Parameters<Observe>[0]

/**
 * The observers of a service that runs inside the gateway's process: `inner` is told by the service, `outer` by the
 * gateway.
 */
export type NestedObservers = { readonly inner: Observe; readonly outer: Observe }

/** Answers that the gateway has not told of yet. Those of probes it never tells of: the oldest go. */
const waitingMax = 1024

/**
 * One request, one event: what only the service knows (operation, user, why not) is put into what the gateway writes.
 */
export const nestedObservers = (parts: Observed): NestedObservers => {
  const waiting = new Map<string, Told>()
  const tell = observer(parts)
  return {
    inner: (answered) => {
      parts.metrics.answered(answered)
      waiting.set(answered.requestId, answered)
      for (const [oldest] of waiting) {
        if (waiting.size <= waitingMax) break
        waiting.delete(oldest)
      }
    },
    outer: (answered) => {
      const inside = waiting.get(answered.requestId)
      if (inside === undefined) return tell(answered)
      waiting.delete(answered.requestId)
      tell({
        ...answered,
        operation: inside.route,
        code: answered.code ?? inside.code,
        userId: answered.userId ?? inside.userId,
        err: answered.err ?? inside.err,
      })
    },
  }
}
