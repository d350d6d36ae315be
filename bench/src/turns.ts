/** What one round of one contender has shown. */
export type Round = {
  readonly requests: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  /** Processor time, by the name of the process. */
  readonly microseconds: Readonly<Record<string, number>>
  readonly peakMegabytes: number
}

/** One of those that are measured in turns, or why it is not. */
export type Entrant =
  | { readonly name: string; readonly round: (seconds: number) => Promise<Round> }
  | { readonly name: string; readonly absent: string }

/** What is known of an entrant in the end: figures, why there are none, or what went wrong. */
export type Row = {
  readonly name: string
  readonly rounds?: readonly Round[]
  readonly absent?: string
  readonly failed?: string
}

/** How long is measured. */
export type Turns = { readonly rounds: number; readonly seconds: number; readonly warmUpSeconds: number }

/**
 * Every entrant once, then every entrant once more: what changes on the machine meanwhile changes it for all of them.
 * One that fails is not asked again, and its row says what happened.
 */
export const takeTurns = async (
  entrants: readonly Entrant[],
  { rounds, seconds, warmUpSeconds }: Turns,
): Promise<readonly Row[]> => {
  const seen = new Map<Entrant, Round[]>(entrants.map((entrant) => [entrant, []]))
  const failures = new Map<Entrant, string>()
  const take = async (entrant: Entrant, seconds: number): Promise<Round | undefined> => {
    if ('absent' in entrant || failures.has(entrant)) return undefined
    try {
      return await entrant.round(seconds)
    } catch (error) {
      failures.set(entrant, error instanceof Error ? error.message : String(error))
      return undefined
    }
  }
  for (const entrant of entrants) await take(entrant, warmUpSeconds)
  for (let round = 0; round < rounds; round += 1) {
    for (const [entrant, kept] of seen) {
      const found = await take(entrant, seconds)
      if (found !== undefined) kept.push(found)
    }
  }
  return entrants.map((entrant): Row => {
    if ('absent' in entrant) return entrant
    const failed = failures.get(entrant)
    return failed === undefined
      ? { name: entrant.name, rounds: seen.get(entrant) ?? [] }
      : { name: entrant.name, failed }
  })
}
