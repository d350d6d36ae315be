import type { Observe } from './answered.ts'
import { keptBriefly } from './kept-briefly.ts'
import { observer, type Observed } from './observer.ts'

type Told = Parameters<Observe>[0]

/**
 * The observers of a service that runs inside the gateway's process: `inner` is told by the service, `outer` by the
 * gateway.
 */
export type NestedObservers = { readonly inner: Observe; readonly outer: Observe }

/**
 * One request, one event: what only the service knows (operation, user, why not) is put into what the gateway writes.
 */
export const nestedObservers = (parts: Observed & { readonly random: () => number }): NestedObservers => {
  // Where the client leaves, the gateway may have told before the service does: those go by themselves.
  const waiting = keptBriefly<Told>(parts.random)
  const tell = observer(parts)
  return {
    inner: (answered) => {
      parts.metrics.answered(answered)
      // A gateway sends a trace with every request. What came without is the process asking itself how it is, of which
      // no gateway tells.
      if (answered.parent !== undefined) waiting.put(answered.requestId, answered)
    },
    outer: (answered) => {
      const inside = waiting.take(answered.requestId)
      if (inside === undefined) return tell(answered)
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
