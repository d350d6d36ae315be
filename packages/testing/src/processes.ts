import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { guard } from './guardian.ts'
import { waitFor } from './wait-for.ts'

/** How a process ended: one of the two is set. */
export type Ending = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** A process of a test. It never outlives the test process. */
export type RunningProcess = {
  readonly pid: number
  /** What it wrote on both streams so far; at least the last megabyte of it. */
  readonly output: () => string
  readonly hasEnded: () => boolean
  /** Waits for the end, and keeps this process alive for that long; otherwise nothing here does. */
  readonly ended: () => Promise<Ending>
  /** Waits for output that matches; fails at once, with the output, when the process ends first. */
  readonly waitForLine: (pattern: RegExp, timeoutMs?: number) => Promise<RegExpMatchArray>
  /** Waits until the URL answers, with this status when one is given. */
  readonly waitForUrl: (
    url: string,
    options?: { readonly status?: number; readonly timeoutMs?: number },
  ) => Promise<void>
  /** Sends a signal that it lives on after. */
  readonly signal: (signal: NodeJS.Signals) => void
  /** Sends the signal (SIGTERM) and waits for the end; SIGKILL follows when that takes too long. */
  readonly stop: (options?: { readonly signal?: NodeJS.Signals; readonly timeoutMs?: number }) => Promise<Ending>
  /** `kill -9`, and waits for the end. */
  readonly kill: () => Promise<Ending>
  /** SIGSTOP: it lives, holds its connections, and answers nothing. */
  readonly pause: () => void
  /** SIGCONT. */
  readonly resume: () => void
}

type Options = {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** A folder to remove when this process dies before it could clean up. */
  readonly folder?: string
}

const outputLengthMax = 1_000_000
const startTimeoutMs = 20_000
const stopTimeoutMs = 20_000
const lastWordsMsMax = 200

/** Starts this Node with the given arguments. The environment is exactly the one given, and PATH. */
export const spawnNode = (args: readonly string[], env: Options['env'] = {}, options: Options = {}): RunningProcess =>
  spawnProcess(process.execPath, args, { ...options, env })

/** Starts a program. */
export const spawnProcess = (program: string, args: readonly string[], options: Options = {}): RunningProcess => {
  const child = spawn(program, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { PATH: process.env['PATH'], ...options.env },
  })
  const { pid } = child
  let written = ''
  let isOver = false
  const closed = once(child, 'close')
  const end = once(child, 'exit').then(async (): Promise<Ending> => {
    // Its own children may hold the streams open for longer than it lives.
    await Promise.race([closed, delay(lastWordsMsMax, undefined, { ref: false })])
    isOver = true
    guardian.dismiss()
    return { code: child.exitCode, signal: child.signalCode }
  })
  for (const promise of [closed, end]) promise.catch(() => {})
  if (pid === undefined) throw new Error(`${program} cannot be started`)
  const guardian = guard(pid, options.folder)
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      written += text
      // Not for each line: what is cut is copied, and a test that measures has other work at the same time.
      if (written.length > 2 * outputLengthMax) written = written.slice(-outputLengthMax)
    })
    if (stream instanceof Socket) stream.unref()
  }
  child.unref()
  const story = (): string => `${program} ${args.join(' ')}\n${written}`
  const ended = (): Promise<Ending> => {
    child.ref()
    return end
  }
  const signalAndWait = async (signal: NodeJS.Signals, timeoutMs: number): Promise<Ending> => {
    if (!isOver) child.kill(signal)
    // A paused process takes no signal but SIGKILL until it is resumed.
    if (!isOver && signal !== 'SIGKILL') child.kill('SIGCONT')
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    try {
      return await ended()
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    pid,
    output: () => written,
    hasEnded: () => isOver,
    ended,
    waitForLine: async (pattern, timeoutMs = startTimeoutMs) => {
      const isSaid = (): boolean => pattern.test(written)
      await waitFor(() => isSaid() || isOver, { what: `${pattern} from ${story()}`, timeoutMs })
      const match = written.match(pattern)
      if (match === null) throw new Error(`it ended before it wrote ${pattern}: ${story()}`)
      return match
    },
    waitForUrl: async (url, { status, timeoutMs = startTimeoutMs } = {}) => {
      await waitFor(
        async () => {
          if (isOver) return true
          const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) })
          await answer.body?.cancel()
          return status === undefined || answer.status === status
        },
        { what: `${url} to answer`, timeoutMs },
      ).catch((error: unknown) => {
        throw new Error(`${url} did not answer within ${timeoutMs} ms: ${story()}`, { cause: error })
      })
      if (isOver) throw new Error(`it ended before ${url} answered: ${story()}`)
    },
    signal: (signal) => void child.kill(signal),
    stop: ({ signal = 'SIGTERM', timeoutMs = stopTimeoutMs } = {}) => signalAndWait(signal, timeoutMs),
    kill: () => signalAndWait('SIGKILL', stopTimeoutMs),
    pause: () => {
      child.kill('SIGSTOP')
      untilStopped(pid)
    },
    resume: () => void child.kill('SIGCONT'),
  }
}

/** The signal is on its way when `kill` returns: until it has arrived the process may still answer once. */
const untilStopped = (pid: number): void => {
  const deadline = performance.now() + stopTimeoutMs
  // Without /proc there is no way to ask, and the test has a race that it can only lose on a slow machine.
  if (!existsSync('/proc/self/stat')) return
  while (performance.now() < deadline) {
    const [, state] = /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    if (state === 'T') return
  }
}
