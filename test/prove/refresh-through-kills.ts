import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import type { ManyProcesses } from '../system/many-processes.ts'
import { keptConnections, type KeptConnections } from './kept-connections.ts'
import type { Proof } from './proof.ts'
import { startWorldOfSessions } from './world-of-sessions.ts'

type Size = {
  readonly clients: number
  /** Processes of auth-service that are ended by `kill -9`. */
  readonly kills: number
  /** Between two refreshes of a client: it sets the load. */
  readonly pauseMs: number
}

/** Whoever sends their last token again after a lost answer stays logged in, however often auth-service dies. */
export const refreshThroughKills: Proof<Size> = {
  name: 'refresh-through-kills',
  full: { clients: 500, kills: 100, pauseMs: 1_000 },
  small: { clients: 20, kills: 4, pauseMs: 50 },
  run: async ({ clients, kills, pauseMs }) => {
    const world = await startWorldOfSessions()
    const gateway = keptConnections(world.gateway.origin)
    const stopping = new AbortController()
    try {
      const tokens = await world.newSessions(clients)
      const tally: Tally = { refreshes: 0, retries: 0, loggedOut: 0, other: 0, longestWaitMs: 0 }
      const course = { gateway, pauseMs, tally, stopping: stopping.signal }
      const running = tokens.map((token) => keepRefreshing(token, course))
      await waitFor(() => tally.refreshes >= clients, { what: 'the clients to begin', timeoutMs: 30_000 })
      await killRepeatedly(world, kills, tally)
      stopping.abort()
      await Promise.all(running)
      assert.deepEqual({ loggedOut: tally.loggedOut, other: tally.other }, { loggedOut: 0, other: 0 })
      assert.ok(tally.retries > 0, 'nobody noticed any of it: nothing is shown')
      return { clients, kills, ...tally, longestWaitMs: Math.round(tally.longestWaitMs) }
    } finally {
      stopping.abort()
      gateway.close()
      await world.stop()
    }
  },
}

type Tally = {
  refreshes: number
  /** Sent again, for want of an answer or for a 5xx. */
  retries: number
  loggedOut: number
  /** Answers that are neither a success, nor a 401, nor a 5xx. */
  other: number
  /** The longest that a client went without a success. */
  longestWaitMs: number
}

type Course = {
  readonly gateway: KeptConnections
  readonly pauseMs: number
  readonly tally: Tally
  readonly stopping: AbortSignal
}

/** An honest client: it goes on with the newest token that it was given. Its last refresh succeeds after the kills. */
const keepRefreshing = async (first: string, { gateway, pauseMs, tally, stopping }: Course): Promise<void> => {
  let token = first
  let lastSuccess = performance.now()
  for (;;) {
    const isLast = stopping.aborted
    const answer = await gateway.ask('POST', '/auth/refresh', { json: { refresh_token: token } }).catch(() => undefined)
    if (answer === undefined || answer.status >= 500) {
      tally.retries += 1
      await delay(Math.min(pauseMs, retryMsMax) * Math.random())
      continue
    }
    if (answer.status !== 200) {
      if (answer.status === 401) tally.loggedOut += 1
      else tally.other += 1
      return
    }
    token = String(answer.json['refresh_token'])
    tally.refreshes += 1
    tally.longestWaitMs = Math.max(tally.longestWaitMs, performance.now() - lastSuccess)
    if (isLast) return
    await delay(pauseMs * (0.5 + Math.random()))
    lastSuccess = performance.now()
  }
}

const retryMsMax = 500

/** One replica, then the other, then both at once: then there is nobody to turn to until they are back. */
const killRepeatedly = async (world: ManyProcesses, kills: number, tally: Tally): Promise<void> => {
  const replicas = world.replicas('auth-service')
  for (let killed = 0, turn = 0; killed < kills; turn += 1) {
    const which = turn % 3 === 2 ? replicas : replicas.filter((_each, index) => index === turn % 3)
    const victims = which.slice(0, kills - killed)
    await Promise.all(victims.map(({ kill }) => kill()))
    await Promise.all(victims.map(({ start }) => start()))
    killed += victims.length
    const { refreshes } = tally
    await waitFor(() => tally.refreshes > refreshes, { what: 'a refresh after the kill', timeoutMs: 30_000 })
  }
}
