import type { Surroundings } from './surroundings.ts'

/**
 * Ends the process as its operator wishes: on SIGTERM or SIGINT it is no longer ready, what is under way finishes, the
 * exit code is 0. A second signal does not wait. A fault that nobody caught ends it too, with 1: its state cannot be
 * trusted any more.
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
  process.on('uncaughtException', (err) => {
    log.error({ err }, 'uncaught: this is a bug')
    void stop('uncaught', 1)
  })
}
