import { refuse } from '@gatehouse/contract/refusals.ts'

/** How much work goes on at once, and how much may wait for it. */
export type GateLimits = {
  readonly permits: number
  readonly queueMax: number
}

/** Where work waits for its turn. */
export type Gate = {
  /** Runs the work when its turn comes and answers what it answers; refuses it when the queue is full. */
  readonly pass: <Result>(work: () => Promise<Result>) => Promise<Result>
  /** Refuses when work that came now would be refused. It keeps no place: by the time the work comes it may have one. */
  readonly look: () => void
}

/**
 * A bounded gate: `permits` pieces of work at once, `queueMax` more wait in the order they came, the rest is refused
 * with `hashing-busy` before anything is spent on it. A permit belongs to the work and not to the one who asked for it:
 * it takes no abort signal, because a hash that has begun cannot be stopped, and a client that leaves would free a
 * place that is still in use.
 */
export const gate = ({ permits, queueMax }: GateLimits): Gate => {
  const waiting: (() => void)[] = []
  let free = permits

  const enter = async (): Promise<void> => {
    if (free > 0) {
      free -= 1
    } else if (waiting.length < queueMax) {
      await new Promise<void>((admit) => waiting.push(admit))
    } else {
      throw refuse('hashing-busy')
    }
  }

  // The permit goes from hand to hand: put down in between, a newcomer could take it before the one who waits.
  const leave = (): void => {
    const admit = waiting.shift()
    if (admit === undefined) free += 1
    else admit()
  }

  return {
    pass: async (work) => {
      await enter()
      try {
        return await work()
      } finally {
        leave()
      }
    },
    look: () => {
      if (free === 0 && waiting.length >= queueMax) throw refuse('hashing-busy')
    },
  }
}
