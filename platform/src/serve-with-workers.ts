import { listen } from '@gatehouse/http/listen.ts'
import { openMetrics } from '@gatehouse/observe/metrics.ts'
import { adminListener } from './admin.ts'
import { systemClock, systemIds } from './clock.ts'
import { lifecycle } from './lifecycle.ts'
import { processLog } from './process-log.ts'
import { readiness } from './readiness.ts'
import type { Settings } from './settings.ts'
import { stopOnSignals } from './stop-on-signals.ts'
import { version } from './version.ts'
import { keepWorker, type KeptWorker } from './workers/kept-worker.ts'
import { mergeMetrics } from './workers/merge-metrics.ts'

/**
 * Keeps as many gateway processes on one port as the settings say, and answers for all of them at the admin port. It
 * touches no request itself: the kernel deals the connections out. Returns once all are ready.
 */
export const serveWithWorkers = async (settings: Settings, command: readonly [string, ...string[]]): Promise<void> => {
  const log = processLog(settings)
  const life = lifecycle(log)
  const ready = readiness()
  const metrics = openMetrics({ service: 'api-gateway' })
  stopOnSignals({ life, readiness: ready, log })
  const count = settings.GATEWAY_WORKERS
  log.info({ target: 'api-gateway', workers: count, version }, 'starting')
  try {
    const workers = new Map<string, KeptWorker>()
    const admin = await listen(adminListener({ readiness: ready, metrics: () => metricsOf(metrics.text, workers) }), {
      host: settings.ADMIN_HOST,
      port: settings.ADMIN_PORT,
      speaker: 'service',
      newRequestId: systemIds.uuidv7,
    })
    life.started('admin listener', () => admin.drain(0))
    for (let number = 1; number <= count; number += 1) {
      const worker = keepWorker({ number, command, log, clock: systemClock, random: Math.random })
      workers.set(String(number), worker)
      life.started(`worker ${number}`, worker.stop)
      ready.check(`worker ${number}`, () => troubleOf(worker))
    }
    metrics.counters('gateway_worker_restarts_total', 'Workers started again, by number.', 'of', () =>
      [...workers].map(([number, worker]) => [number, worker.restarts()] as const),
    )
    if (settings.GATEWAY_ROUTES !== undefined || settings.TLS_CERT_FILE !== undefined) {
      process.on('SIGHUP', (signal) => workers.forEach((worker) => worker.signal(signal)))
    }
    await Promise.all([...workers.values()].map(({ started }) => started))
    ready.open()
    log.info({ target: 'api-gateway', workers: count, port: settings.GATEWAY_PORT }, 'ready')
  } catch (error) {
    await life.stop()
    throw error
  }
}

const metricsOf = async (own: () => Promise<string>, workers: ReadonlyMap<string, KeptWorker>): Promise<string> => {
  const pages = await Promise.all(
    [...workers].map(async ([number, worker]) => [number, await worker.ask('metrics')] as const),
  )
  // One that is just being started again has none.
  const told = pages.filter((page): page is readonly [string, string] => typeof page[1] === 'string')
  return mergeMetrics(new Map([['keeper', await own()], ...told]))
}

/** What the worker says is not well with it. */
const troubleOf = async (worker: KeptWorker): Promise<string | undefined> => {
  const answer = await worker.ask('readiness')
  if (typeof answer !== 'object' || answer === null || !('ready' in answer)) return 'does not answer'
  return answer.ready === true ? undefined : JSON.stringify('checks' in answer ? answer.checks : answer)
}
