import type { Surroundings } from './surroundings.ts'

/**
 * Ends the process as its operator wishes: on SIGTERM or SIGINT it is no longer ready, what is under way finishes, the
 * exit code is 0. A second signal does not wait. SIGHUP is for those who read their files again; where nobody does, it
 * ends a process whose terminal was closed, and no other: whoever sends it to all processes wants none to end. A fault
 * that nobody caught ends it too, with 1: its state cannot be trusted any more.
 */
export const stopOnSignals = ({ life, readiness, log }: Pick<Surroundings, 'life' | 'readiness' | 'log'>): void => {
  let isStopping = false

  const stop = async (reason: string, exitCode: number): Promise<void> => {
    if (isStopping) process.exit(exitCode === 0 ? 130 : exitCode)
    isStopping = true
    readiness.shut()
    log.info({ reason }, 'stopping')
    await life.stop()
    log.info({}, 'stopped')
    process.exit(exitCode)
  }

  process.on('SIGTERM', (signal) => void stop(signal, 0))
  process.on('SIGINT', (signal) => void stop(signal, 0))
  process.on('SIGHUP', (signal) => {
    if (process.listenerCount('SIGHUP') > 1) return
    if (process.stdout.isTTY) void stop(signal, 0)
    else log.info({ reason: signal }, 'no file to read again')
  })
  process.on('uncaughtException', (err) => {
    log.error({ err }, 'uncaught: this is a bug')
    void stop('uncaught', 1)
  })
}
