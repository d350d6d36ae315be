import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Serving } from '@gatehouse/http/application.ts'
import type { Ids } from '@gatehouse/ids/ids.ts'
import type { Observe } from '@gatehouse/observe/answered.ts'
import type { Log } from '@gatehouse/observe/log.ts'
import type { Metrics } from '@gatehouse/observe/metrics.ts'
import type { Traces } from '@gatehouse/observe/traces.ts'
import type { Adapters } from './adapters.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Readiness } from './readiness.ts'
import type { Settings } from './settings.ts'

/** What every part of this process is built from. */
export type Surroundings = {
  readonly settings: Settings
  readonly adapters: Adapters
  readonly life: Lifecycle
  readonly readiness: Readiness
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
  readonly ids: Ids
  /** From 0 up to 1, for the jitter of retries. */
  readonly random: () => number
  /** Told of each request once, by whoever took it from the client. */
  readonly observe: Observe
  readonly traces: Traces
  /** How the services of this process answer. */
  readonly serving: Serving
}
