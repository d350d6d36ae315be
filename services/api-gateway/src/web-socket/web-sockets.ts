import { Refusal, refuse } from '@gatehouse/contract/refusals.ts'
import type { WebSocketLimits } from '../limits.ts'
import type { Ports } from '../ports.ts'
import type { Ending, Tunnel } from './tunnel.ts'

/** The open WebSockets of this process, and those that are about to be. */
export type WebSockets = {
  /** Takes a place, to be left again. Refuses when there is none, for this caller or for anyone. */
  readonly take: (who: Occupant) => Place
  readonly open: () => number
  /** Ends all of them, now and from now on: the process stops. */
  readonly end: () => void
  /** Resolves when none is open. */
  readonly ended: () => Promise<void>
}

/** Who wants a place. */
export type Occupant = {
  /** The caller's id, or the network where nobody is known: whose places are counted together. */
  readonly key: string
  /** The token that opened it, and its `exp`; absent where none was asked for. */
  readonly token?: string
  readonly expiresAt?: number
}

/** One place. */
export type Place = {
  /** Called when it became a WebSocket, which then ends with its session. */
  readonly opened: (tunnel: Tunnel) => void
  readonly leave: () => void
}

type Parts = Pick<Ports, 'verify' | 'sessions' | 'clock'> & { readonly limits: WebSocketLimits }

type Taken = Occupant & {
  tunnel: Tunnel | undefined
  ending: Ending | undefined
  /** When its token was last known to be good. */
  goodAt: number
}

/**
 * Keeps them, and ends each as soon as a request with its token would be refused: at once when its session ends here or
 * elsewhere; when its token expires; and when this node cannot know any more and nobody can be asked.
 */
export const webSockets = ({ verify, sessions, clock, limits }: Parts): WebSockets => {
  const byKey = new Map<string, Set<Taken>>()
  let count = 0
  let stopping = false
  let sweeping: NodeJS.Timeout | undefined
  let asking = false
  let empty = Promise.withResolvers<void>()
  empty.resolve()

  const judge = (taken: Taken): void | Promise<void> => {
    if (taken.token === undefined) return undefined
    try {
      const verified = verify(taken.token)
      if (!(verified instanceof Promise)) return undefined
      return verified.then(
        () => {
          taken.goodAt = clock.monotonic()
        },
        (error: unknown) => end(taken, endingOf(error)),
      )
    } catch (error) {
      return end(taken, endingOf(error))
    }
  }

  /** This node has heard nothing for too long: each token is asked about, as it would be with a request. */
  const askAgain = async (): Promise<void> => {
    const now = clock.monotonic()
    const due = all().filter(({ token, goodAt }) => token !== undefined && now - goodAt >= limits.webSocketConfirmMs)
    const next = due.values()
    const ask = async (): Promise<void> => {
      for (const taken of next) if (taken.ending === undefined) await judge(taken)
    }
    await Promise.all(Array.from({ length: limits.webSocketAsksAtOnce }, ask))
  }

  const sweep = (): void => {
    const now = clock.now()
    for (const taken of all()) {
      if (taken.expiresAt !== undefined && now >= taken.expiresAt * 1000) end(taken, expired)
    }
    if (asking || sessions.fresh()) return
    asking = true
    void askAgain().finally(() => {
      asking = false
    })
  }

  const all = (): readonly Taken[] => [...byKey.values()].flatMap((places) => [...places])

  sessions.onRevoked((userId) => byKey.get(userId)?.forEach((taken) => void judge(taken)))

  const leave = (taken: Taken): void => {
    const places = byKey.get(taken.key)
    if (places?.delete(taken) !== true) return
    if (places.size === 0) byKey.delete(taken.key)
    count -= 1
    if (count > 0) return
    clearInterval(sweeping)
    sweeping = undefined
    empty.resolve()
  }

  return {
    take: (who) => {
      if (stopping) throw refuse('stopping')
      if (count >= limits.webSocketsMax) throw refuse('service-unavailable', { detail: 'all WebSockets are taken' })
      const places = byKey.get(who.key) ?? new Set()
      if (places.size >= limits.webSocketsPerCallerMax) throw refuse('too-many-websockets')
      const taken: Taken = { ...who, tunnel: undefined, ending: undefined, goodAt: clock.monotonic() }
      byKey.set(who.key, places.add(taken))
      if (count === 0) empty = Promise.withResolvers()
      count += 1
      sweeping ??= setInterval(sweep, limits.webSocketSweepMs).unref()
      return {
        opened: (tunnel) => {
          taken.tunnel = tunnel
          if (taken.ending !== undefined) tunnel.end(taken.ending)
          // The session may have ended while the upstream thought about the handshake.
          else void judge(taken)
        },
        leave: () => leave(taken),
      }
    },
    open: () => count,
    ended: () => empty.promise,
    end: () => {
      stopping = true
      for (const taken of all()) end(taken, goingAway)
    },
  }
}

const end = (taken: Taken, ending: Ending): void => {
  taken.ending ??= ending
  taken.tunnel?.end(taken.ending)
}

/** A refused token is what HTTP calls 401, and the registry of close codes 3000. Not to know is "try again later". */
const endingOf = (error: unknown): Ending => {
  const code = error instanceof Refusal ? error.code : 'internal-error'
  return { code, status: code.startsWith('token-') ? 3000 : 1013 }
}

const expired: Ending = { code: 'token-expired', status: 3000 }
const goingAway: Ending = { code: 'stopping', status: 1001 }
