/**
 * Makes one page of metrics of several, each in Prometheus' text format: a family is told once, and its samples carry
 * whose they are as the label `worker`. Summed up by whoever asks, who may also see them apart.
 */
export const mergeMetrics = (pages: ReadonlyMap<string, string>): string => {
  const families = new Map<string, Family>()
  for (const [worker, page] of pages) {
    let family: Family = { head: '', samples: [] }
    for (const line of page.split('\n')) {
      const [, keyword, name] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? []
      if (keyword === undefined || name === undefined) {
        if (line !== '' && !line.startsWith('#')) family.samples.push(labelled(line, worker))
        continue
      }
      const known = families.get(name)
      if (known === undefined) {
        family = { head: `${line}\n`, samples: [] }
        families.set(name, family)
      } else {
        family = known
        // The type comes behind the help of the same page; the pages after it say the same again.
        if (family.samples.length === 0 && !family.head.includes(line)) family.head += `${line}\n`
      }
    }
  }
  return [...families.values()].map(({ head, samples }) => `${head}${samples.join('\n')}\n`).join('')
}

type Family = { head: string; readonly samples: string[] }

/** Behind the name: `a 1` becomes `a{worker="2"} 1`, `a{b="c"} 1` becomes `a{worker="2",b="c"} 1`. */
const labelled = (sample: string, worker: string): string =>
  sample.replace(/^([^{\s]+)(\{?)/, (_whole, name: string, brace: string) =>
    brace === '' ? `${name}{worker="${worker}"}` : `${name}{worker="${worker}",`,
  )
