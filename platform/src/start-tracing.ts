import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Observe } from '@gatehouse/observe/answered.ts'
import type { Log } from '@gatehouse/observe/log.ts'
import type { Metrics } from '@gatehouse/observe/metrics.ts'
import type { Sampler } from '@gatehouse/observe/traces.ts'
import type { Lifecycle } from './lifecycle.ts'
import { tracingHeaders } from './setting-readings.ts'
import type { Settings } from './settings.ts'
import { version } from './version.ts'

type Parts = {
  readonly settings: Settings
  /** What this process is called in traces unless the settings say so. */
  readonly name: string
  readonly life: Lifecycle
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
}

/**
 * Sends the spans of this process to the collector that the settings name. Without one nothing of it is loaded, and
 * there is nobody to tell.
 */
export const startTracing = async ({
  settings,
  name,
  life,
  log,
  metrics,
  clock,
}: Parts): Promise<Observe | undefined> => {
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return undefined
  const { spanExporter } = await import('@gatehouse/observe/span-exporter.ts')
  const { record, exported, dropped, close } = await spanExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    headers: tracingHeaders(settings.OTEL_EXPORTER_OTLP_HEADERS ?? ''),
    serviceName: settings.OTEL_SERVICE_NAME ?? name,
    version,
    clock,
    log,
  })
  life.started('tracing', close)
  metrics.counter('trace_spans_exported_total', 'Spans that the collector took.', exported)
  metrics.counter('trace_spans_dropped_total', 'Spans that were given up: too many, or not taken.', dropped)
  return record
}

/** Which traces are recorded, by the names that OpenTelemetry's specification gives. */
export const samplerOf = ({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: share }: Settings): Sampler => ({
  followsParent: name.startsWith('parentbased_'),
  ratio: name.endsWith('always_on') ? 1 : name.endsWith('always_off') ? 0 : share,
})
