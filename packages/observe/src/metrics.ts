import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { Answered } from './answered.ts'

/** What this process counts, for Prometheus to fetch. */
export type Metrics = {
  /** Everything counted so far, in Prometheus's text format. */
  readonly text: () => Promise<string>
  /** The media type of `text`. */
  readonly contentType: string
  /** Counts one answer. */
  readonly answered: (answered: Answered) => void
  /** Registers a number that is read when it is asked for; `undefined` says that it is not known. */
  readonly gauge: (name: string, help: string, read: () => number | undefined) => void
}

/** Opens the metrics of this process. `service` stands on each of them as a label. */
export const openMetrics = ({ service }: { readonly service: string }): Metrics => {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const registers = [registry]

  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the first look at a request to the end of its answer.',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: durationBucketsSeconds,
    registers,
  })
  const refusals = new Counter({
    name: 'http_refusals_total',
    help: 'Answers that said no, or broke off, by why.',
    labelNames: ['route', 'code'] as const,
    registers,
  })

  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    answered: ({ route, method, status, code, durationMs }) => {
      durations.observe({ route, method: methodLabel(method), status: statusLabel(status) }, durationMs / 1000)
      if (code !== undefined) refusals.inc({ route, code })
    },
    gauge: (name, help, read) => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          const value = read()
          if (value === undefined) this.remove()
          else this.set(value)
        },
      })
    },
  }
}

const durationBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** A client may invent methods, an upstream statuses: each new label would be memory for ever. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

const methodLabel = (method: string): string => (methods.has(method) ? method : 'other')

const statusLabel = (status: number): string => (status >= 100 && status <= 599 ? String(status) : 'other')
