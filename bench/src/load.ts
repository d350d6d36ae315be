import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { programOf } from './program-of.ts'

type Plan = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly connections: number
  readonly seconds: number
}

/** What one run of load saw. */
export type Load = {
  readonly requests: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Sends requests on so many kept connections, each the next as soon as it has its answer. Fails unless all were 2xx. */
export const load = async ({ url, headers, connections, seconds }: Plan): Promise<Load> => {
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, `--timeout=${timeoutSeconds}s`, '--latency', ...fields, url]
  const wrk = spawn(programOf('wrk'), args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = await text(wrk.stdout)
  const number = (pattern: RegExp): number => Number(pattern.exec(said)?.[1] ?? Number.NaN)
  const requests = number(/(\d+) requests in/)
  if (!(requests > 0) || /Socket errors|Non-2xx/.test(said))
    throw new Error(`load on ${url} was not answered:\n${said}`)
  return {
    requests,
    requestsPerSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p50Ms: milliseconds(/\b50%\s+([\d.]+)(us|ms|s)/.exec(said)),
    p99Ms: milliseconds(/\b99%\s+([\d.]+)(us|ms|s)/.exec(said)),
  }
}

/** A machine with ten times the work it has cores for lets an answer wait for seconds, and that is no fault of it. */
const timeoutSeconds = 30

const units: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000 }

const milliseconds = (found: RegExpExecArray | null): number =>
  Number(found?.[1]) * (units[found?.[2] ?? ''] ?? Number.NaN)
