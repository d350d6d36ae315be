import { accessEvent } from './access-line.ts'
import type { Answered, Observe } from './answered.ts'
import type { ProcessLog } from './log.ts'
import type { Metrics } from './metrics.ts'

/** Where answers are told of. */
export type Observed = { readonly log: Pick<ProcessLog, 'warn' | 'answered'>; readonly metrics: Metrics }

/**
 * Turns each answer into one wide event and one observation. Faults of ours and broken answers are warnings, with the
 * error whole.
 */
export const observer =
  ({ log, metrics }: Observed): Observe =>
  (answered) => {
    metrics.answered(answered)
    if (isTrouble(answered)) log.warn(accessEvent(answered), 'answered')
    else log.answered(answered)
  }

/** A 5xx, or an answer that began well and broke off. A 4xx is the client's trouble, whatever caused it. */
const isTrouble = ({ status, err }: Answered): boolean => status >= 500 || (status < 400 && err !== undefined)
