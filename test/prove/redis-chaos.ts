import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { TestRedis } from '@gatehouse/testing/redis.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import type { Answer, Client } from '../system/client.ts'
import { standing } from '../system/expect.ts'
import { startManyProcesses, type ManyProcesses } from '../system/many-processes.ts'
import { newMember, type Member } from '../system/people.ts'
import { percentilesMs, type Figures, type Proof } from './proof.ts'

type Size = { readonly seconds: number; readonly people: number }

/** Redis is flushed, killed and stopped at random: no request fails, and nothing that was ended lives again. */
export const redisChaos: Proof<Size> = {
  name: 'redis-chaos',
  full: { seconds: 300, people: 8 },
  small: { seconds: 5, people: 4 },
  run: async ({ seconds, people }) => {
    const world = await startManyProcesses()
    try {
      const members = await Promise.all(Array.from({ length: people }, () => newMember(world.gateway)))
      const until = performance.now() + seconds * 1_000
      const seen: Seen = { answers: 0, lives: 0, checks: 0, ended: [], refusedMs: [] }
      const [faults] = await Promise.all([
        trouble(world.redis, until),
        ...members.map((member) => liveLives(world, seen, member, until)),
        watchTheEnded(world, seen, until),
      ])
      // Whatever Redis has come back with, it brings nobody back.
      for (const gone of seen.ended) await expectGone(world, seen, gone)
      return figuresOf(seen, faults)
    } finally {
      await world.stop()
    }
  },
}

type Gone = { readonly token: string; readonly refreshToken: string }

type Seen = {
  answers: number
  lives: number
  checks: number
  /** Sessions whose end every node has confirmed, the newest last. */
  readonly ended: Gone[]
  readonly refusedMs: number[]
}

type Faults = { readonly flushed: number; readonly killed: number; readonly stopped: number }

/** A replica that hears nothing looks four times a second; the rest is for a machine that is busy just then. */
const everywhereMs = 1_000
const endedKept = 200

const figuresOf = (seen: Seen, { flushed, killed, stopped }: Faults): Figures => ({
  answers: seen.answers,
  failed_requests: 0,
  sessions_lived: seen.lives,
  looks_at_ended_sessions: seen.checks,
  sessions_back_to_life: 0,
  redis_flushed: flushed,
  redis_killed: killed,
  redis_stopped: stopped,
  ...percentilesMs('logout_refused_everywhere', seen.refusedMs),
})

/** One fault after the other, each for a while, with a while of health between them. */
const trouble = async (redis: TestRedis, until: number): Promise<Faults> => {
  const faults = { flushed: 0, killed: 0, stopped: 0 }
  const kinds = ['flushed', 'killed', 'stopped'] as const
  // Each kind once, then as it comes: a short run meets all three.
  for (let turn = 0; performance.now() < until; turn += 1) {
    const kind = kinds[turn < kinds.length ? turn : randomInt(kinds.length)] ?? 'flushed'
    faults[kind] += 1
    const lastsMs = randomInt(100, 1_500)
    if (kind === 'flushed') await flush(redis)
    else if (kind === 'killed') await redis.kill()
    else redis.pause()
    await delay(lastsMs)
    if (kind === 'killed') await redis.restart()
    if (kind === 'stopped') redis.resume()
    await delay(randomInt(50, 500))
  }
  return faults
}

const flush = (redis: TestRedis): Promise<void> =>
  new Promise((resolve, reject) => {
    const { password } = new URL(redis.url)
    let answer = ''
    const socket = connect(redis.port, '127.0.0.1', () => socket.write(`AUTH ${password}\r\nFLUSHALL\r\nQUIT\r\n`))
    socket.on('data', (data) => {
      answer += data.toString('latin1')
    })
    socket.on('error', reject)
    socket.on('close', () =>
      (answer.match(/\+OK/g)?.length ?? 0) >= 2 ? resolve() : reject(new Error(`Redis was not flushed: ${answer}`)),
    )
  })

/** Signs in, reads, refreshes, reads and signs out, through whichever doors, until the time is up. */
const liveLives = async (world: ManyProcesses, seen: Seen, { email, password }: Member, until: number) => {
  const ask = async (service: Service, status: number, request: Request): Promise<Answer> => {
    const { method, path, ...rest } = request
    const answer = await oneOf(world.doorsTo(service)).ask(method, path, rest)
    seen.answers += 1
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`)
    return answer
  }
  const read = (bearer: string) => ask('user-service', 200, { method: 'GET', path: '/users/profile', bearer })
  for (let isFirst = true; performance.now() < until; isFirst = false) {
    const login = await ask('auth-service', 200, { method: 'POST', path: '/auth/login', json: { email, password } })
    const first = String(login.json['token'])
    if (isFirst) await world.gateway.put('/users/profile', { bearer: first, json: { bio: 'read me' } })
    for (let reads = 0; reads < 3; reads += 1) await read(first)
    const refreshed = await ask('auth-service', 200, {
      method: 'POST',
      path: '/auth/refresh',
      json: { refresh_token: login.json['refresh_token'] },
    })
    const token = String(refreshed.json['token'])
    await read(token)
    await ask('auth-service', 200, { method: 'POST', path: '/auth/logout', bearer: token })
    const answeredAt = performance.now()
    // Both tokens of the session, so an end that is known of one is known of the other.
    await Promise.all(
      world.doorsTo('user-service').map((door) => {
        const isRefused = async (): Promise<boolean> =>
          (await standing(door, token, '/users/profile')) === 'token-revoked'
        return waitFor(isRefused, { what: `${door.origin} to refuse`, timeoutMs: everywhereMs })
      }),
    )
    seen.refusedMs.push(performance.now() - answeredAt)
    seen.lives += 1
    seen.ended.push({ token: first, refreshToken: String(refreshed.json['refresh_token']) })
    if (seen.ended.length > endedKept) seen.ended.splice(randomInt(endedKept), 1)
  }
}

type Service = 'auth-service' | 'user-service'
type Request = {
  readonly method: string
  readonly path: string
  readonly bearer?: string
  readonly json?: unknown
}

/** Looks at what was ended, again and again. */
const watchTheEnded = async (world: ManyProcesses, seen: Seen, until: number): Promise<void> => {
  while (performance.now() < until) {
    if (seen.ended.length > 0) await expectGone(world, seen, oneOf(seen.ended))
    await delay(20)
  }
}

const expectGone = async (world: ManyProcesses, seen: Seen, { token, refreshToken }: Gone): Promise<void> => {
  const reader = oneOf(world.doorsTo('user-service'))
  const asked = oneOf(world.doorsTo('auth-service'))
  assert.equal(await standing(reader, token, '/users/profile'), 'token-revoked', `${reader.origin} lets it live again`)
  assert.equal(await standing(asked, token, '/auth/validate'), 'token-revoked', `${asked.origin} lets it live again`)
  const { status, text } = await asked.post('/auth/refresh', { json: { refresh_token: refreshToken } })
  assert.equal(status, 401, text)
  seen.checks += 1
}

const oneOf = <T extends Client | Gone>(all: readonly T[]): T => {
  const one = all[randomInt(all.length)]
  if (one === undefined) throw new Error('there is nothing to choose from')
  return one
}
