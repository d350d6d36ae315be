import { Pool, buildConnector, type Dispatcher } from 'undici'
import type { Clock } from '@gatehouse/clock/clock.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { keptConnections } from './kept/kept-connections.ts'
import type { UpstreamLimits } from './limits.ts'
import type { Upstream } from './ports.ts'
import { relay } from './relay.ts'

type Parts = {
  /** Origins of the same service, one for each replica. */
  readonly urls: readonly string[]
  readonly limits: UpstreamLimits
  readonly clock: Clock
}

/** A service across the network. Its replicas take turns; one that cannot be reached is passed over. */
export const networkUpstream = ({ urls, limits, clock }: Parts): Upstream => {
  const broken = new WeakSet<Error>()
  const pools = urls.map((url) => openPool(url, limits, broken))
  let turn = 0
  let underWay = 0
  const left = (): void => {
    underWay -= 1
  }

  return {
    forward: (req, res, onward) => {
      // Refused at once rather than queued: whoever waits here holds a client's connection and gains nothing.
      if (underWay >= limits.upstreamRequestsMax) return Promise.reject(refuse('service-unavailable'))
      underWay += 1
      turn = (turn + 1) % pools.length
      const sent = relay(req, res, onward, {
        pools,
        names: urls,
        first: turn,
        diedInUse: (error) => broken.has(error),
        clock,
      })
      sent.then(left, left)
      return sent
    },
    healthy: async () => {
      const answers = await Promise.all(pools.map((pool) => answersHealth(pool, limits.probeTimeoutMs)))
      return answers.includes(true)
    },
    close: async () => {
      await Promise.all(pools.map((pool) => pool.close()))
    },
  }
}

/** One replica: requests without a body go the short way, all others through undici. */
const openPool = (url: string, limits: UpstreamLimits, broken: WeakSet<Error>): Way => {
  const pool = openUndici(url, limits, broken)
  const kept = keptConnections({
    origin: new URL(url),
    limits: {
      connectMs: limits.connectTimeoutMs,
      answerHeadMs: limits.answerHeadTimeoutMs,
      answerPauseMs: limits.answerPauseMs,
      keepAliveMs: limits.upstreamKeepAliveMs,
      answerHeadBytesMax: limits.answerHeadBytesMax,
    },
    diedInUse: (error) => broken.add(error),
  })
  return {
    dispatch: (options, handler) =>
      kept.takes(options) ? kept.dispatch(options, handler) : pool.dispatch(options, handler),
    request: (options) => pool.request(options),
    close: async () => {
      await Promise.all([kept.close(), pool.close()])
    },
  }
}

/** The way to one replica. */
type Way = {
  readonly dispatch: (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => boolean
  readonly request: (options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>
  readonly close: () => Promise<void>
}

const openUndici = (url: string, limits: UpstreamLimits, broken: WeakSet<Error>): Pool => {
  const connect = buildConnector({ allowH2: false, timeout: limits.connectTimeoutMs })
  return new Pool(new URL(url).origin, {
    allowH2: false,
    // One request per socket: behind a second one, an answer that breaks off would leave two clients without an answer.
    pipelining: 1,
    headersTimeout: limits.answerHeadTimeoutMs,
    bodyTimeout: limits.answerPauseMs,
    keepAliveTimeout: limits.upstreamKeepAliveMs,
    keepAliveMaxTimeout: limits.upstreamKeepAliveMs,
    maxHeaderSize: limits.answerHeadBytesMax,
    connect: (options, callback) => {
      connect(options, (...result) => {
        const [, socket] = result
        // Listens before undici does, so that whoever is told of the error can ask.
        socket?.once('error', (error: Error) => {
          if (socket.bytesRead > 0) broken.add(error)
        })
        callback(...result)
      })
    },
  })
}

const answersHealth = async (pool: Way, timeoutMs: number): Promise<boolean> => {
  try {
    const { statusCode, body } = await pool.request({
      path: '/health',
      method: 'GET',
      signal: AbortSignal.timeout(timeoutMs),
    })
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  }
}
