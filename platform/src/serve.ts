import type { RequestListener } from 'node:http'
import { flushCompileCache } from 'node:module'
import { limits } from '@gatehouse/api-gateway/limits.ts'
import type { Speaker } from '@gatehouse/contract/problem.ts'
import { everyone, privateNetworks } from '@gatehouse/http/client.ts'
import type { Laned } from '@gatehouse/http/lane/fast-lane.ts'
import type { ServerLimits } from '@gatehouse/http/limits.ts'
import { listen, type Upgrades } from '@gatehouse/http/listen.ts'
import { lanedReads } from '@gatehouse/http/plain-reads.ts'
import type { Observe } from '@gatehouse/observe/answered.ts'
import { openMetrics } from '@gatehouse/observe/metrics.ts'
import { nestedObservers } from '@gatehouse/observe/nested-observers.ts'
import { observer } from '@gatehouse/observe/observer.ts'
import { traces } from '@gatehouse/observe/traces.ts'
import { adaptersFor } from './adapters.ts'
import { adminListener } from './admin.ts'
import { banner } from './banner.ts'
import { systemClock, systemIds } from './clock.ts'
import { lifecycle } from './lifecycle.ts'
import { processLog } from './process-log.ts'
import { reach, reachAuth } from './reach.ts'
import { readiness } from './readiness.ts'
import { logFormatOf, type Settings } from './settings.ts'
import { startApiGateway } from './start-api-gateway.ts'
import { startAuthService } from './start-auth-service.ts'
import { startTls, type Tls } from './start-tls.ts'
import { samplerOf, startTracing } from './start-tracing.ts'
import { startUserService } from './start-user-service.ts'
import { startVerifier } from './start-verifier.ts'
import { stopOnSignals } from './stop-on-signals.ts'
import type { Surroundings } from './surroundings.ts'
import { runs, type Target } from './targets.ts'
import { version } from './version.ts'
import { answerKeeper } from './workers/answer-keeper.ts'

/**
 * Runs the services of the target in this process until it is told to stop. Returns once they are ready. As one of
 * several workers on a port it is asked by their keeper, and has no admin port.
 */
export const serve = async (settings: Settings, target: Target, role: 'alone' | 'worker' = 'alone'): Promise<void> => {
  const around = await surroundings(settings, target)
  const { adapters, life, log } = around
  stopOnSignals(around)
  try {
    log.info({ target, version }, 'starting')
    if (runs(target, 'auth-service')) {
      log.info({ password_policy: adapters.passwordPolicy }, `passwords are ${policyHint(adapters.passwordPolicy)}`)
    }
    const tellReady = role === 'worker' ? answerKeeper(around) : await startAdmin(around)
    const port = await startServices(around, target, role === 'worker')
    around.readiness.open()
    tellReady?.()
    // Written now and not only at an orderly end: a process that is killed leaves the next one a quick start too.
    flushCompileCache()
    log.info({ target, port, ready_after_ms: Math.round(process.uptime() * 1000) }, 'ready')
    if (target === 'all' && logFormatOf(settings) === 'pretty') {
      process.stdout.write(banner({ host: settings.HOST, port, isSecure: settings.TLS_CERT_FILE !== undefined }))
    }
  } catch (error) {
    await life.stop()
    throw error
  }
}

/**
 * Each service in turn, on those before it: here when the target names it, reached over the network otherwise. Answers
 * the port.
 */
const startServices = async (around: Surroundings, target: Target, reusePort: boolean): Promise<number> => {
  const { settings } = around
  // Before anything that takes time: a certificate that cannot be used is told at once.
  const tls = runs(target, 'api-gateway') ? startTls(around) : undefined
  const auth = runs(target, 'auth-service') ? await startAuthService(around) : undefined
  if (auth !== undefined && target !== 'all') {
    return expose(
      around,
      auth.application.listener,
      { port: settings.AUTH_PORT, speaker: 'service', lane: lanedReads(auth.application.reads) },
      auth.feed.endStreams,
    )
  }
  const source = await reachAuth(auth, around)
  const verifier = startVerifier(source, around)

  const users = runs(target, 'user-service') ? await startUserService(source.feed, verifier, around) : undefined
  if (users !== undefined && target !== 'all') {
    const lane = lanedReads(users.reads)
    return expose(around, users.listener, { port: settings.USER_PORT, speaker: 'service', lane })
  }

  const upstreams = {
    'auth-service': await reach(auth?.application, settings.AUTH_SERVICE_URL, around),
    'user-service': await reach(users, settings.USER_SERVICE_URL, around),
  }
  const { listener, lane, upgrades } = await startApiGateway(upstreams, verifier, around)
  const door = { port: settings.GATEWAY_PORT, speaker: 'gateway', limits, upgrades, lane, reusePort, tls } as const
  return expose(around, listener, door, upgrades.end)
}

/** Listens where the outside comes in. `endStreams` ends what never ends by itself, or draining would wait for it. */
const expose = async (
  { settings, life, metrics, ids, clock, observe }: Surroundings,
  listener: RequestListener,
  door: {
    readonly port: number
    readonly speaker: Speaker
    readonly limits?: ServerLimits
    readonly upgrades?: Upgrades
    readonly lane: Laned
    readonly reusePort?: boolean
    readonly tls?: Tls | undefined
  },
  endStreams: () => void = () => {},
): Promise<number> => {
  const { tls, ...plain } = door
  const server = await listen(listener, {
    ...plain,
    lane: { ...plain.lane, clock },
    host: settings.HOST,
    newRequestId: ids.uuidv7,
    observe,
    ...(tls === undefined ? {} : { tls: { pair: tls.pair, limits } }),
  })
  tls?.follow(server.renew)
  metrics.gauge('http_requests_in_flight', 'Requests that have no whole answer yet.', server.inFlight)
  metrics.gauge('http_open_connections', 'Connections from clients.', server.openConnections)
  if (door.speaker === 'gateway') {
    metrics.counter(
      'http_fast_lane_requests_total',
      'Requests read by the fast lane, not by Node.',
      server.laneRequests,
    )
  }
  life.started('listener', async () => {
    await server.shut(settings.STOP_ACCEPT_SECONDS * 1_000)
    const drained = server.drain()
    endStreams()
    await drained
  })
  return server.port
}

const startAdmin = async ({ settings, life, readiness, metrics, ids }: Surroundings): Promise<void> => {
  const admin = await listen(adminListener({ readiness, metrics: metrics.text }), {
    host: settings.ADMIN_HOST,
    port: settings.ADMIN_PORT,
    speaker: 'service',
    newRequestId: ids.uuidv7,
  })
  life.started('admin listener', () => admin.drain(0))
}

const surroundings = async (settings: Settings, target: Target): Promise<Surroundings> => {
  const log = processLog(settings)
  const metrics = openMetrics({ service: target })
  metrics.gauges('gatehouse_build_info', 'Which version runs.', 'version', () => [[version, 1]])
  metrics.counter('log_lines_dropped_total', 'Lines of the log that nobody took in time.', log.linesDropped)
  const tell = observer({ log, metrics })
  const { inner, outer } =
    target === 'all' ? nestedObservers({ log, metrics, random: Math.random }) : { inner: tell, outer: tell }
  const life = lifecycle(log)
  const tracing = traces(systemIds, samplerOf(settings))
  const clock = systemClock
  // Started first, stopped last: it is told of the last answers too.
  const record = await startTracing({
    settings,
    name: target === 'all' ? 'gatehouse' : target,
    life,
    log,
    metrics,
    clock,
  })
  const recorded = (observe: Observe): Observe =>
    record === undefined
      ? observe
      : (answered) => {
          record(answered)
          observe(answered)
        }
  return {
    settings,
    adapters: adaptersFor({ settings, target, life, log, clock, random: Math.random }),
    life,
    readiness: readiness(),
    log,
    metrics,
    clock,
    ids: systemIds,
    random: Math.random,
    observe: recorded(outer),
    traces: tracing,
    serving: {
      observe: recorded(inner),
      // What a service in the gateway's process says of its part in a trace, nobody but the exporter reads.
      traces: target === 'all' && record === undefined ? undefined : tracing,
      clock,
      newRequestId: systemIds.uuidv7,
      // In one process a service is handed the client's own connection: its peer may be a proxy's public address.
      trustedPeers: target === 'all' ? everyone : privateNetworks(),
      version,
    },
  }
}

const policyHint = (policy: 'strict' | 'relaxed'): string =>
  policy === 'strict'
    ? 'strict: 8 characters, none of the common ones (PASSWORD_POLICY=relaxed allows 6)'
    : 'relaxed: 6 characters, for trying out (PASSWORD_POLICY=strict for anything else)'
