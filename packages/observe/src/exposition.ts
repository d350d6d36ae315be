/** What a family of samples is, in Prometheus' text format. */
export type Kind = 'counter' | 'gauge' | 'histogram'

/** A label's value and what it is at. */
export type Labelled = readonly [label: string, value: number]

/** The two lines before the samples of a family. */
export const familyHead = (name: string, kind: Kind, help: string): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`

/** One sample. `labels` is what `labelText` made, several with commas between. */
export const sampleLine = (name: string, labels: string, value: number): string =>
  labels === '' ? `${name} ${numberText(value)}\n` : `${name}{${labels}} ${numberText(value)}\n`

/** One label with its value, in which a quote, a backslash or a new line would end it. */
export const labelText = (name: string, value: string): string =>
  `${name}="${value.replaceAll(/[\\\n"]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))}"`

const numberText = (value: number): string =>
  value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value)
