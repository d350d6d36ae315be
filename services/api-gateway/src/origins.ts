import type { Clock } from '@gatehouse/clock/clock.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { breakerOf, type Breaker } from './breaker.ts'
import { deadlinesOf, type Deadlines } from './deadlines.ts'
import { limits, type UpstreamLimits } from './limits.ts'
import type { Way } from './open-way.ts'
import type { UpstreamState } from './ports.ts'
import { retryBudget, type RetryBudget } from './retry-budget.ts'
import { isRefusedConnection } from './upstream-failure.ts'

/** One replica of a service. */
export type Origin = {
  /** As in `http://10.0.0.7:8080`. */
  readonly origin: string
  readonly way: Way
  /** Requests on their way to it or back. */
  underWay: number
  /** Its active checks fail. */
  ill: boolean
  /** Until then others are preferred, in monotonic milliseconds: it has said that it is going away. */
  leavesUntil: number
  /** The last that was sent to it found nobody who takes connections: to try once more costs next to nothing. */
  refuses: boolean
  /** Keeps it out of the choice while what is sent to it fails. */
  readonly ejection: Breaker
}

/** The replicas of one service: which of them a request goes to, and what is known of them from those before it. */
export type Origins = {
  /** Refuses what would only wait, before anything of it is sent. */
  readonly admit: () => void
  /**
   * The replica with the fewest requests under way, of equals the next in turn, without those in `tried`. Those that
   * are going away are passed over where there are others, also for those that took no connection a moment ago: when
   * replicas are restarted in turn, that one is back before the next one goes. When all are ill or ejected they are
   * used as if none were: a guess is better than a certain no.
   */
  readonly choose: (tried: readonly Origin[]) => Origin | undefined
  /** A request goes to this replica. Followed by one `left`, however it ends. */
  readonly joined: (origin: Origin) => void
  readonly left: (origin: Origin) => void
  /**
   * It has closed a connection behind its answer, as a replica does that has been told to stop. Where there are others
   * they take over before its door is shut: a request that came just then would be lost.
   */
  readonly leaves: (origin: Origin) => void
  /** Whether there is more than one replica. */
  readonly hasChoice: boolean
  /** An answer has begun: somebody is there. */
  readonly answered: (origin: Origin, status: number) => void
  /** An answer has ended as it should. */
  readonly completed: (origin: Origin, status: number) => void
  /** There was no answer, or only a part of one. */
  readonly failed: (origin: Origin, error: Error) => void
  /** No replica gave an answer: there is nobody left to ask. */
  readonly gaveUp: () => void
  /** Resolves when nothing is under way. */
  readonly empty: () => Promise<void>
  readonly state: () => UpstreamState
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly retriesMax: number
  readonly budget: RetryBudget
  readonly deadlines: Deadlines
  /** Whether the connection that failed this way had answered something before. */
  readonly diedInUse: (error: Error) => boolean
}

type Parts = Pick<Origins, 'retriesMax' | 'diedInUse'> & {
  /** Never empty. */
  readonly replicas: readonly Origin[]
  readonly limits: UpstreamLimits
  readonly clock: Clock
  readonly deadlineMs: number
}

/** Keeps the books of a service's replicas. */
export const originsOf = ({
  replicas,
  limits: { upstreamRequestsMax },
  clock: { monotonic },
  deadlineMs,
  retriesMax,
  diedInUse,
}: Parts): Origins => {
  const budget = retryBudget(limits.retryBudget)
  const circuit = breakerOf(limits.circuit, monotonic)
  /** There is nothing to choose. */
  const only = replicas.length === 1 ? replicas[0] : undefined
  let underWay = 0
  let failures = 0
  let lastAt = 0
  const emptied = new Set<() => void>()

  const leastLoaded = (tried: readonly Origin[], even: Even): Origin | undefined => {
    let least: Origin | undefined
    let leastAt = lastAt
    for (let step = 1; step <= replicas.length; step += 1) {
      const at = (lastAt + step) % replicas.length
      const each = replicas[at]
      if (each === undefined || tried.includes(each)) continue
      if (even === 'refusing' && !each.refuses) continue
      if ((even === 'staying' || even === 'leaving') && (each.ill || each.ejection.remainingMs() > 0)) continue
      if (even === 'staying' && each.leavesUntil > 0 && each.leavesUntil > monotonic()) continue
      if (least !== undefined && each.underWay >= least.underWay) continue
      least = each
      leastAt = at
    }
    lastAt = leastAt
    return least
  }

  return {
    admit: () => {
      // Rather than queued: whoever waits here holds a client's connection and gains nothing.
      if (underWay >= upstreamRequestsMax) throw refuse('service-overloaded')
      if (!circuit.isOpen()) return
      const remainingMs = circuit.remainingMs()
      if (remainingMs > 0) throw refuse('circuit-open', { retryAfterSeconds: remainingMs / 1_000 })
      circuit.tried()
    },
    choose: (tried) => {
      if (only !== undefined) return tried.length === 0 ? only : undefined
      const chosen =
        leastLoaded(tried, 'staying') ??
        leastLoaded(tried, 'refusing') ??
        leastLoaded(tried, 'leaving') ??
        leastLoaded(tried, 'out')
      chosen?.ejection.tried()
      return chosen
    },
    joined: (origin) => {
      origin.underWay += 1
      underWay += 1
    },
    left: (origin) => {
      origin.underWay -= 1
      underWay -= 1
      if (underWay === 0 && emptied.size > 0) for (const tell of emptied) tell()
    },
    leaves: (origin) => {
      origin.leavesUntil = monotonic() + limits.leavingMs
    },
    hasChoice: only === undefined,
    answered: (origin, status) => {
      budget.earn()
      circuit.succeeded()
      origin.refuses = false
      if (origin.ejection.isOpen() && !speaksOfTrouble(status)) origin.ejection.succeeded()
    },
    completed: (origin, status) => {
      if (speaksOfTrouble(status)) origin.ejection.failed()
      else origin.ejection.succeeded()
    },
    failed: (origin, error) => {
      failures += 1
      origin.refuses = isRefusedConnection(error)
      origin.ejection.failed(origin.refuses)
    },
    gaveUp: circuit.failed,
    empty: async () => {
      if (underWay > 0) await new Promise<void>((resolve) => emptied.add(resolve))
    },
    state: () => ({
      underWay,
      failures,
      circuit: circuit.isOpen() ? 'open' : 'closed',
      origins: replicas.map(({ origin, underWay: there, ill, ejection }) => ({
        origin,
        underWay: there,
        state: ill ? 'ill' : ejection.isOpen() ? 'ejected' : 'in-use',
      })),
    }),
    now: monotonic,
    retriesMax,
    budget,
    deadlines: deadlinesOf(deadlineMs, monotonic),
    diedInUse,
  }
}

/** Which replicas come into question, from those that are well to all of them. */
type Even = 'staying' | 'refusing' | 'leaving' | 'out'

/** What the service says when it cannot serve, or a gateway before it does: another replica may. */
const speaksOfTrouble = (status: number): boolean => status === 502 || status === 503 || status === 504
