import { Registry, collectDefaultMetrics } from 'prom-client'
import type { Observe } from './answered.ts'
import { countAnswers } from './count-answers.ts'
import { familyHead, labelText, sampleLine, type Labelled } from './exposition.ts'

/** What this process counts, for Prometheus to fetch. */
export type Metrics = {
  /** Everything counted so far, in Prometheus' text format. */
  readonly text: () => Promise<string>
  /** The media type of `text`. */
  readonly contentType: string
  /** Counts one answer. */
  readonly answered: Observe
  /** Registers a number that is read when it is asked for; `undefined` says that it is not known. */
  readonly gauge: (name: string, help: string, read: () => number | undefined) => void
  /** Registers a number for each value of one label, read when asked for. The label's values must be few. */
  readonly gauges: (name: string, help: string, label: string, read: () => Iterable<Labelled>) => void
  /**
   * Registers a count that whoever counts keeps: adding one costs an addition, and nothing more until it is read. The
   * name ends in `_total`.
   */
  readonly counter: (name: string, help: string, read: () => number) => void
  /** Registers a count for each value of one label. The label's values must be few. */
  readonly counters: (name: string, help: string, label: string, read: () => Iterable<Labelled>) => void
}

/** Opens the metrics of this process. `service` stands on each of them as a label. */
export const openMetrics = ({ service }: { readonly service: string }): Metrics => {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const common = labelText('service', service)
  const answers = countAnswers(common)
  const families: (() => string)[] = [answers.text]

  const family = (kind: 'counter' | 'gauge', name: string, help: string, lines: () => string): void => {
    families.push(() => familyHead(name, kind, help) + lines())
  }
  const single = (kind: 'counter' | 'gauge', name: string, help: string, read: () => number | undefined): void =>
    family(kind, name, help, () => {
      const value = read()
      return value === undefined ? '' : sampleLine(name, common, value)
    })
  const labelled = (
    kind: 'counter' | 'gauge',
    name: string,
    help: string,
    label: string,
    read: () => Iterable<Labelled>,
  ) =>
    family(kind, name, help, () =>
      Array.from(read(), ([of, value]) => sampleLine(name, `${common},${labelText(label, of)}`, value)).join(''),
    )

  return {
    text: async () => (await registry.metrics()) + families.map((text) => text()).join(''),
    contentType: registry.contentType,
    answered: answers.count,
    gauge: (name, help, read) => single('gauge', name, help, read),
    gauges: (name, help, label, read) => labelled('gauge', name, help, label, read),
    counter: (name, help, read) => single('counter', name, help, read),
    counters: (name, help, label, read) => labelled('counter', name, help, label, read),
  }
}
