import { rm } from 'node:fs/promises'
import { spawnProcess, type RunningProcess } from './processes.ts'
import { waitFor } from './wait-for.ts'

/** A database server of a test, with the handles that failure tests need. */
export type ServerProcess = {
  readonly pid: () => number
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>
  /** `kill -9`; the data stay for `restart`. */
  readonly kill: () => Promise<void>
  /** Starts it again on the same port with the same data. */
  readonly restart: () => Promise<void>
  /** SIGSTOP: connections stay open and nothing answers. */
  readonly pause: () => void
  /** SIGCONT. */
  readonly resume: () => void
}

type Plan = {
  readonly program: string
  readonly args: readonly string[]
  /** Its throw-away folder. */
  readonly folder: string
  /** True once it serves. */
  readonly isReady: () => Promise<boolean>
}

const startTimeoutMs = 30_000

/** Starts a server and waits until it serves. */
export const startServerProcess = async ({ program, args, folder, isReady }: Plan): Promise<ServerProcess> => {
  const start = async (): Promise<RunningProcess> => {
    const server = spawnProcess(program, args, { folder, cwd: folder })
    try {
      await waitFor(async () => server.hasEnded() || (await isReady()), { what: program, timeoutMs: startTimeoutMs })
      if (server.hasEnded()) throw new Error(`${program} ended at once`)
      return server
    } catch (error) {
      await server.kill()
      throw new Error(`${program} does not start:\n${server.output()}`, { cause: error })
    }
  }
  let running = await start()
  return {
    pid: () => running.pid,
    stop: async () => {
      // Its data are thrown away: there is nothing that a clean end would save.
      await running.kill()
      await rm(folder, { recursive: true, force: true })
    },
    kill: async () => {
      await running.kill()
    },
    restart: async () => {
      await running.kill()
      running = await start()
    },
    pause: () => running.pause(),
    resume: () => running.resume(),
  }
}
