import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { accounts } from '@gatehouse/auth-service/stores/accounts.ts'
import { eventLog } from '@gatehouse/auth-service/stores/event-log.ts'
import type { Tables } from '@gatehouse/auth-service/stores/tables.ts'
import { percentile } from '@gatehouse/bench/percentile.ts'
import { openDatabase } from '@gatehouse/sql/database.ts'
import type { Client } from '../system/client.ts'
import { oneOfEach, startManyProcesses } from '../system/many-processes.ts'
import { newMember } from '../system/people.ts'
import { percentilesMs, type Figures, type Proof } from './proof.ts'
import { signedRank } from './signed-rank.ts'

type Size = {
  readonly pairs: number
  /** On a noisy machine the pairs are measured so often at most, until a small difference would be seen. */
  readonly roundsMax: number
  /** What the test must be able to see: far less than the hash takes that a shortcut would skip. */
  readonly artificialMs: number
}

/** How long a refusal takes does not tell whether there is such an account. */
export const loginTiming: Proof<Size> = {
  name: 'login-timing',
  full: { pairs: 2_000, roundsMax: 3, artificialMs: 1 },
  small: { pairs: 60, roundsMax: 8, artificialMs: 8 },
  run: async ({ pairs, roundsMax, artificialMs }) => {
    const world = await startManyProcesses({ replicas: oneOfEach })
    try {
      const [auth] = world.replicas('auth-service')
      assert.ok(auth !== undefined)
      const { email } = await newMember(world.gateway)
      await timePairs(auth.client, await strangers(world.authDatabaseUrl, email, pairsToWarmUp))
      const timed: Pair[] = []
      for (let round = 0; round < roundsMax; round += 1) {
        timed.push(...(await timePairs(auth.client, await strangers(world.authDatabaseUrl, email, pairs))))
        if (hasPower(timed, artificialMs)) break
      }
      return judge(timed, artificialMs)
    } finally {
      await world.stop()
    }
  },
}

const pairsToWarmUp = 10
/** An outcome this rare under chance, and so far from even (0 is even, 1 is always the same one), is a difference. */
const pMin = 0.001
const effectMax = 0.1

type Pair = { readonly unknownMs: number; readonly wrongMs: number }

const isDistinguishable = (differences: readonly number[]): boolean => {
  const { p, effect } = signedRank(differences)
  return p < pMin && Math.abs(effect) > effectMax
}

const differencesOf = (timed: readonly Pair[]): readonly number[] =>
  timed.map(({ unknownMs, wrongMs }) => wrongMs - unknownMs)

/** Whether the test would see the artificial difference, in either direction, in this very noise. */
const hasPower = (timed: readonly Pair[], artificialMs: number): boolean =>
  [artificialMs, -artificialMs].every((shift) =>
    isDistinguishable(differencesOf(timed).map((difference) => difference + shift)),
  )

const judge = (timed: readonly Pair[], artificialMs: number): Figures => {
  const differences = differencesOf(timed)
  const { p, effect } = signedRank(differences)
  const figures = {
    pairs: timed.length,
    ...percentilesMs(
      'unknown_email',
      timed.map(({ unknownMs }) => unknownMs),
    ),
    ...percentilesMs(
      'wrong_password',
      timed.map(({ wrongMs }) => wrongMs),
    ),
    median_difference_ms: Number(percentile(differences, 0.5).toFixed(3)),
    signed_rank_p: Number(p.toPrecision(3)),
    signed_rank_effect: Number(effect.toFixed(3)),
    artificial_difference_seen_ms: artificialMs,
  }
  const told = JSON.stringify(figures)
  assert.ok(hasPower(timed, artificialMs), `${artificialMs} ms would not be seen, so nothing is shown: ${told}`)
  assert.ok(!isDistinguishable(differences), `an unknown e-mail can be told from a wrong password: ${told}`)
  return figures
}

type Stranger = { readonly known: string; readonly unknown: string }

/** Pairs of an address with an account and one without, never tried before: no limit has counted them. */
const strangers = async (url: string, emailOfOne: string, count: number): Promise<readonly Stranger[]> => {
  const database = await openDatabase<Tables>(url)
  try {
    const log = eventLog({ database, clock, committed: () => {} })
    const store = accounts({ database, log, clock, accessTokenTtlMs: 86_400_000 })
    // One hash for all, made by the service itself: it is what the service would have stored.
    const passwordHash = (await store.findByEmail(emailOfOne))?.passwordHash
    assert.ok(passwordHash !== undefined)
    const pairs: Stranger[] = []
    for (let at = 0; at < count; at += 1) {
      const [one, other] = [randomBytes(6).toString('hex'), randomBytes(6).toString('hex')]
      const known = `${one}@example.com`
      const identity = { username: { shown: one, key: one }, email: { shown: known, key: known } }
      const ids = { id: crypto.randomUUID(), publicId: crypto.randomUUID() }
      assert.equal(await store.create({ ...ids, ...identity, passwordHash }), 'created')
      pairs.push({ known, unknown: `${other}@example.com` })
    }
    return pairs
  } finally {
    await database.close()
  }
}

const clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** Interleaved, each kind first in every other pair: whatever drifts on the machine meets both alike. */
const timePairs = async (auth: Client, pairs: readonly Stranger[]): Promise<readonly Pair[]> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const timed: Pair[] = []
  try {
    for (const [at, { known, unknown }] of pairs.entries()) {
      const isUnknownFirst = at % 2 === 0
      const first = await timeRefusal(agent, auth, isUnknownFirst ? unknown : known)
      const second = await timeRefusal(agent, auth, isUnknownFirst ? known : unknown)
      timed.push(isUnknownFirst ? { unknownMs: first, wrongMs: second } : { unknownMs: second, wrongMs: first })
    }
    return timed
  } finally {
    agent.destroy()
  }
}

/** Milliseconds from the last byte sent to the last one received of a login that must be refused. */
const timeRefusal = async (agent: Agent, auth: Client, email: string): Promise<number> => {
  const body = JSON.stringify({ email, password: 'not the password' })
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const begin = performance.now()
  const req = request(`${auth.origin}/auth/login`, { method: 'POST', agent, headers }, (res) => {
    res.resume()
    res.on('end', () => resolve(res.statusCode))
    res.on('error', reject)
  })
  req.on('error', reject)
  req.end(body)
  const status = await promise
  const tookMs = performance.now() - begin
  assert.equal(status, 401)
  return tookMs
}
