import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { percentile } from '@gatehouse/bench/percentile.ts'

/** What a proof has measured, by name, with the unit in the name. */
export type Figures = Readonly<Record<string, string | number>>

/** Something that is claimed, and the program that shows it: throws when it does not hold. */
export type Proof<Size> = {
  readonly name: string
  /** As large as it was promised: `make prove`. */
  readonly full: Size
  /** The same with smaller numbers: `make test`. */
  readonly small: Size
  readonly run: (size: Size) => Promise<Figures>
}

/** The usual percentiles of some times, rounded for people: `logout_p99_ms`. */
export const percentilesMs = (name: string, values: readonly number[]): Figures =>
  Object.fromEntries(
    [
      ['p50', 0.5],
      ['p99', 0.99],
      ['max', 1],
    ].map(([word, share]) => [`${name}_${word}_ms`, rounded(percentile(values, Number(share)))]),
  )

/** One decimal: what is behind it is noise. */
export const rounded = (value: number): number => Math.round(value * 10) / 10

/** Writes what was measured, on which machine and when, to `docs/evidence/`; returns where. */
export const writeEvidence = async (name: string, size: unknown, figures: Figures): Promise<string> => {
  const folder = join(import.meta.dirname, '../../docs/evidence')
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${name}.md`)
  await writeFile(path, pageOf(name, size, figures))
  return path
}

const pageOf = (name: string, size: unknown, figures: Figures): string => `# ${name}

Written by \`make prove WHAT=${name}\` on ${new Date().toISOString().slice(0, 10)}.

Machine: ${machine()}

Size: \`${JSON.stringify(size)}\`

| figure | value |
|---|---|
${Object.entries(figures)
  .map(([figure, value]) => `| ${figure} | ${value} |`)
  .join('\n')}
`

const machine = (): string => {
  const processors = cpus()
  const model = processors[0]?.model.trim() ?? 'unknown processor'
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `${model}, ${processors.length} cores, ${memory}, ${type()} ${release()}, Node ${process.version}.`
}
