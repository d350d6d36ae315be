import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '@gatehouse/clock/clock.ts'
import { backoff } from '@gatehouse/event-feed/backoff.ts'
import type { Log } from '@gatehouse/observe/log.ts'
import { limits } from '../limits.ts'
import type { Question, Word } from './question.ts'

/** A worker that is started again whenever it ends unasked. */
export type KeptWorker = {
  /** Resolves when it takes requests for the first time; rejects when it ends before that. */
  readonly started: Promise<void>
  /** What it answers, or undefined when it is not there or takes too long. */
  readonly ask: (what: Question['ask']) => Promise<unknown>
  readonly signal: (signal: NodeJS.Signals) => void
  readonly restarts: () => number
  /** Lets what is under way finish, and resolves when the process has ended. */
  readonly stop: () => Promise<void>
}

type Parts = {
  /** From 1 on. */
  readonly number: number
  /** The program and its arguments. */
  readonly command: readonly [path: string, ...args: string[]]
  readonly log: Log
  readonly clock: Clock
  readonly random: () => number
}

/** Starts a worker and keeps it. One that never was ready is not started again: what it lacks, it will lack again. */
export const keepWorker = ({ number, command, log, clock, random }: Parts): KeptWorker => {
  const [path, ...args] = command
  const first = Promise.withResolvers<void>()
  const stopping = new AbortController()
  const pause = backoff({ ...limits.workerRestart, random })
  const waiting = new Map<number, (answer: unknown) => void>()
  let asked = 0
  let restarts = 0
  let child: ChildProcess | undefined

  const hear = (word: Word): void => {
    if ('isReady' in word) first.resolve()
    else waiting.get(word.id)?.(word.answer)
  }

  const live = async (): Promise<void> => {
    const begun = clock.monotonic()
    // In a group of its own: a Ctrl-C on a terminal is for the keeper, which tells its workers.
    child = fork(path, args, { detached: true, execArgv: process.execArgv })
    child.on('message', hear)
    child.on('error', (err) => log.error({ err, worker: number }, 'a worker could not be started'))
    const { pid } = child
    if (pid === undefined) return first.reject(new Error(`gateway worker ${number} could not be started`))
    log.info({ worker: number, worker_pid: pid }, 'worker started')
    await once(child, 'exit')
    child.removeAllListeners()
    const { exitCode, signalCode } = child
    child = undefined
    for (const answer of waiting.values()) answer(undefined)
    if (!stopping.signal.aborted)
      log.error({ worker: number, worker_pid: pid, exit_code: exitCode, signal: signalCode }, 'a worker has ended')
    first.reject(new Error(`gateway worker ${number} ended before it was ready: why is said above`))
    if (clock.monotonic() - begun > limits.workerSteadyMs) pause.reset()
  }

  const keep = async (): Promise<void> => {
    await live()
    // Kept: what rejects here has been told to whoever starts the workers.
    await first.promise
    while (!stopping.signal.aborted) {
      await pause.wait(stopping.signal)
      if (stopping.signal.aborted) return
      restarts += 1
      await live()
    }
  }
  const kept = keep().catch(() => {})

  return {
    started: first.promise,
    ask: async (ask) => {
      if (child?.connected !== true) return undefined
      asked += 1
      const id = asked
      const { promise, resolve } = Promise.withResolvers<unknown>()
      waiting.set(id, resolve)
      child.send({ id, ask } satisfies Question)
      const answer = await Promise.race([promise, delay(limits.workerAskMs, undefined, { ref: false })])
      waiting.delete(id)
      return answer
    },
    signal: (signal) => void child?.kill(signal),
    restarts: () => restarts,
    stop: async () => {
      stopping.abort()
      child?.kill('SIGTERM')
      const cut = setTimeout(() => child?.kill('SIGKILL'), limits.workerStopMs)
      await kept
      clearTimeout(cut)
    },
  }
}
