import { limits } from './limits.ts'

/** Says why a part cannot do its work now, or nothing. */
export type Check = () => Promise<string | undefined> | string | undefined

/** Whether this process should be sent requests. */
export type Readiness = {
  readonly check: (name: string, check: Check) => void
  /** From here on the process takes requests as far as its checks allow; before, it is starting. */
  readonly open: () => void
  /** For good: the process is about to end. */
  readonly shut: () => void
  readonly ask: () => Promise<{ readonly ready: boolean; readonly checks: Readonly<Record<string, string>> }>
}

/**
 * Makes the readiness of a process that is starting. A check that has not answered after `patienceMs` has failed: a
 * disk or a database that hangs says nothing, and whoever asks is to hear so.
 */
export const readiness = (patienceMs: number = limits.readyCheckMs): Readiness => {
  const checks = new Map<string, Check>()
  let state: 'starting' | 'open' | 'stopping' = 'starting'
  return {
    check: (name, check) => void checks.set(name, check),
    open: () => {
      if (state === 'starting') state = 'open'
    },
    shut: () => {
      state = 'stopping'
    },
    ask: async () => {
      const answers = await Promise.all(
        [...checks].map(async ([name, check]) => [name, (await inTime(check, patienceMs)) ?? 'ok'] as const),
      )
      const isWell = answers.every(([, answer]) => answer === 'ok')
      return {
        ready: state === 'open' && isWell,
        checks: { process: state === 'open' ? 'ok' : state, ...Object.fromEntries(answers) },
      }
    },
  }
}

const inTime = async (check: Check, patienceMs: number): Promise<string | undefined> => {
  const { promise: patience, resolve } = Promise.withResolvers<string>()
  const enough = setTimeout(resolve, patienceMs, `no answer in ${patienceMs} ms`)
  const said = await Promise.race([safely(check), patience])
  clearTimeout(enough)
  return said
}

const safely = async (check: Check): Promise<string | undefined> => {
  try {
    return await check()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
