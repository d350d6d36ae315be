import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Load } from './load.ts'
import { programOf } from './program-of.ts'
import type { BenchRequest } from './system.ts'

/** What is sent to whom. */
export type Replay = {
  readonly port: number
  readonly requests: readonly BenchRequest[]
  /** The run ends early when so many have been sent: all of them once, where each is good for one answer. */
  readonly requestsMax?: number
  readonly connections: number
  readonly seconds: number
}

/** What one replay saw. */
export type Replayed = Load & { readonly p999Ms: number }

/** Sends them on kept connections, each the next as soon as it has its answer. Fails unless all answers were good. */
export const replay = async ({ port, requests, requestsMax = 0, connections, seconds }: Replay): Promise<Replayed> => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-replay-'))
  try {
    const path = join(folder, 'requests')
    await writeFile(path, Buffer.concat(requests.map((request) => framed(request, port))))
    const origin = `http://127.0.0.1:${port}`
    const how = ['-t1', `-c${connections}`, `-d${seconds}s`, `--timeout=${timeoutSeconds}s`, '-s', script]
    const wrk = spawn(programOf('wrk'), [...how, origin, '--', path, String(requestsMax)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const said = await text(wrk.stdout)
    const line = /^seen (.*)$/m.exec(said)?.[1]
    if (line === undefined) throw new Error(`wrk on ${origin} says nothing of what it saw:\n${said}`)
    // The script's last line, which has all of them.
    return loadOf(JSON.parse(line) as Seen, connections)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const script = fileURLToPath(new URL('replay.lua', import.meta.url))

/** Longer than the slowest of them takes to hash a password for each connection, on a machine with other work. */
const timeoutSeconds = 30

type Seen = Readonly<Record<'answered' | 'microseconds' | 'given' | 'givenMicroseconds' | Fault | Percentile, number>>
type Fault = 'connect' | 'read' | 'write' | 'timeout' | 'not2xx'
type Percentile = 'p50' | 'p99' | 'p999'

const faults: Readonly<Record<Fault, string>> = {
  connect: 'connections refused',
  read: 'answers broken off',
  write: 'requests broken off',
  timeout: 'answers too late',
  not2xx: 'answers of 400 or more',
}

const loadOf = (seen: Seen, connections: number): Replayed => {
  const found = Object.entries(faults)
    // The keys of the table are the faults.
    .map(([fault, words]) => [seen[fault as Fault], words] as const)
    .filter(([count]) => count > 0)
  if (found.length > 0 || seen.answered === 0) {
    const what = found.map(([count, words]) => `${count} ${words}`).join(', ')
    throw new Error(`${what === '' ? 'no answer' : what}, ${seen.answered} answers in all`)
  }
  return {
    requests: seen.answered,
    requestsPerSecond: requestsPerSecond(seen, connections),
    p50Ms: seen.p50 / 1_000,
    p99Ms: seen.p99 / 1_000,
    p999Ms: seen.p999 / 1_000,
  }
}

/** Up to the last request that was given out, when they ran out: wrk takes up to 100 ms more to notice its end. */
const requestsPerSecond = (seen: Seen, connections: number): number => {
  const answeredByThen = seen.given - Math.min(connections - 1, seen.given - 1)
  return seen.givenMicroseconds === 0
    ? (seen.answered / seen.microseconds) * 1_000_000
    : (answeredByThen / seen.givenMicroseconds) * 1_000_000
}

const framed = ({ method, path, headers = {}, body }: BenchRequest, port: number): Buffer => {
  const fields = Object.entries({ Host: `127.0.0.1:${port}`, ...headers })
  // What a client says of a body that is empty (RFC 9110, section 8.6).
  if (body !== undefined || method !== 'GET') fields.push(['Content-Length', String(Buffer.byteLength(body ?? ''))])
  const head = [`${method} ${path} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`)].join('\r\n')
  const request = Buffer.from(`${head}\r\n\r\n${body ?? ''}`)
  return Buffer.concat([Buffer.from(`${request.length}\n`), request])
}
