import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { revocations, type Revocations } from '@gatehouse/access-tokens/revocations.ts'
import type { Bearer, Client } from '@gatehouse/contract/operation.ts'
import { assertProperty } from '@gatehouse/testing/assert-property.ts'
import { changePassword } from './change-password.ts'
import { deleteAccount } from './delete-account.ts'
import { endSession } from './end-session.ts'
import { endSessions } from './end-sessions.ts'
import { listSessions } from './list-sessions.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { refresh } from './refresh.ts'
import { register } from './register.ts'
import { eventLog } from './stores/event-log.ts'
import { graceMs } from './stores/rotate-session.ts'
import { sweepOnce } from './stores/sweep.ts'
import { accessTokenTtlMs, authWorld, client, sessionTtlMs, type AuthWorld } from './testing/auth-world.ts'
import { cheapPasswords } from './testing/cheap-passwords.ts'
import { authenticate, outcomeOf, standingOf } from './testing/members.ts'
import { sessionLife, type ModelSession, type ModelUser, type SessionLife } from './testing/session-life.ts'

const runs = 300
const stepsMax = 40
const names = ['ada', 'bob']

type Step = readonly [kind: Kind, one: number, other: number]
type Kind = keyof ReturnType<typeof player>

// About each bound there is: the grace, the life of a token, the life of a session.
const hourMs = 3_600_000
const tokenWaits = [accessTokenTtlMs - hourMs / 2, accessTokenTtlMs]
const sessionWaits = [sessionTtlMs / 2, sessionTtlMs - hourMs, sessionTtlMs]
const waits = [1, 5_000, graceMs, graceMs + 1, hourMs, ...tokenWaits, ...sessionWaits]

/** Does each step in the world and in the model, and compares the answers. `one` and `other` pick whom it concerns. */
const player = (world: AuthWorld, model: SessionLife) => {
  const nobody: Bearer & Client = { ...client, userId: '', sessionId: '', tokenId: '', expiresAt: 0 }
  /** The caller behind the newest token of a session, if it is good: what all others are told is compared anyway. */
  const callerOf = async (session: ModelSession | undefined): Promise<(Bearer & Client) | undefined> => {
    const token = session?.tokens.at(-1)
    if (session === undefined || token === undefined || model.wordOn(session, token) !== 'good') return undefined
    return { ...nobody, ...(await authenticate(world, token.text)) }
  }
  const pick = (one: number): ModelSession | undefined => model.sessions[one % Math.max(model.sessions.length, 1)]
  const userOf = (name: string): ModelUser | undefined => model.users.findLast((user) => user.name === name)
  const endOthers = (user: ModelUser, kept?: ModelSession): void => {
    for (const session of model.livingOf(user)) session.lives = session === kept
  }
  /** Answers whether the operation was done; that it must be refused as this is what `refusal` says. */
  const expect = async (answer: Promise<object>, refusal: string | undefined): Promise<boolean> => {
    const before = world.committed.length
    const outcome = await outcomeOf(answer)
    assert.equal(typeof outcome === 'string' ? outcome : undefined, refusal)
    if (refusal !== undefined) assert.equal(world.committed.length, before, 'a refusal has left an event')
    return refusal === undefined
  }

  return {
    register: async (one: number) => {
      const name = names[one % names.length] ?? ''
      const [isTaken, password] = [userOf(name)?.exists === true, `password ${one}`]
      const answer = register(world)({ username: name, email: `${name}@example.com`, password }, client)
      if (!(await expect(answer, isTaken ? 'username-taken' : undefined))) return
      model.users.push({ id: (await answer).user_id, name, password, exists: true })
    },
    login: async (one: number, other: number) => {
      const name = names[one % names.length] ?? ''
      const user = userOf(name)
      const isRight = user?.exists === true && other % 4 > 0
      const password = isRight ? user.password : 'wrong'
      const answer = login(world)({ username: name, password }, client)
      if (!(await expect(answer, isRight ? undefined : 'invalid-credentials'))) return
      if (user !== undefined) model.begin(user, await answer)
    },
    refresh: async (one: number, other: number) => {
      const session = pick(one)
      if (session === undefined) return
      const age = Math.min(other % 4, session.family.length - 1)
      const presented = session.family.at(-1 - age) ?? ''
      const before = world.committed.length
      const outcome = model.refresh(session, age)
      const answer = await outcomeOf(refresh(world)({ refresh_token: presented }, client))
      assert.equal(world.committed.length - before, outcome === 'reused' ? 1 : 0)
      if (outcome === 'refused' || outcome === 'reused') return assert.equal(answer, 'refresh-token-invalid')
      assert.ok(typeof answer === 'object')
      assert.equal(outcome === 'repeated', answer.refresh_token === session.family.at(-1))
      model.refreshed(session, answer)
    },
    logout: async (one: number) => {
      const session = pick(one)
      const caller = await callerOf(session)
      if (session === undefined || caller === undefined) return
      await expect(logout(world)({}, caller), undefined)
      session.lives = false
    },
    endSession: async (one: number, other: number) => {
      const [by, target] = [pick(one), pick(other)]
      const caller = await callerOf(by)
      if (target === undefined || caller === undefined) return
      const isMine = by?.user === target.user && model.isLiving(target)
      const answer = endSession(world)({ session_id: target.id }, caller)
      if (await expect(answer, isMine ? undefined : 'session-not-found')) target.lives = false
    },
    endSessions: async (one: number, other: number) => {
      const session = pick(one)
      const caller = await callerOf(session)
      if (session === undefined || caller === undefined) return
      const isKept = other % 3 > 0
      await expect(endSessions(world)(isKept ? {} : { including: 'this' }, caller), undefined)
      endOthers(session.user, isKept ? session : undefined)
    },
    changePassword: async (one: number, other: number) => {
      const session = pick(one)
      const caller = await callerOf(session)
      if (session === undefined || caller === undefined) return
      const isRight = other % 3 > 0
      const current_password = isRight ? session.user.password : 'wrong'
      const new_password = `password ${one} ${other}`
      const answer = changePassword(world)({ current_password, new_password }, caller)
      if (!(await expect(answer, isRight ? undefined : 'wrong-password'))) return
      session.user.password = new_password
      endOthers(session.user, session)
    },
    deleteAccount: async (one: number, other: number) => {
      const session = pick(one)
      const caller = await callerOf(session)
      if (session === undefined || caller === undefined) return
      const isRight = other % 2 === 0
      const answer = deleteAccount(world)({ password: isRight ? session.user.password : 'wrong' }, caller)
      if (await expect(answer, isRight ? undefined : 'wrong-password')) session.user.exists = false
    },
    list: async (one: number) => {
      const session = pick(one)
      const caller = await callerOf(session)
      if (session === undefined || caller === undefined) return
      const { sessions } = await listSessions(world)({}, caller)
      const living = model.livingOf(session.user).toReversed()
      assert.deepEqual(
        sessions.map(({ session_id, current }) => ({ session_id, current })),
        living.map(({ id }) => ({ session_id: id, current: id === session.id })),
      )
    },
    sweep: async () => {
      while ((await sweepOnce({ database: world.database, clock: world.clock, accessTokenTtlMs })) > 0);
    },
    wait: async (one: number) => world.clock.advance(waits[one % waits.length] ?? 0),
  }
}

/** A node that follows the log, or has just begun to. */
const follower = (world: AuthWorld) => {
  const known: Revocations = revocations({ clock: world.clock, maxStalenessMs: 1000 })
  let heard = 0
  return {
    known,
    catchUp: (events = world.committed) => {
      for (const event of events.slice(heard)) known.receive({ type: 'event', resume: event.seq, event })
      heard = events.length
      known.receive({ type: 'heartbeat', resume: 0 })
    },
  }
}

/** Whatever has happened, the database and every node say of each token what the model says. */
const compare = async (world: AuthWorld, model: SessionLife, nodes: readonly Revocations[]): Promise<void> => {
  for (const session of model.sessions) {
    const newest = session.tokens.at(-1)
    for (const token of new Set([session.tokens[0], newest])) {
      if (token === undefined) continue
      assert.equal(await standingOf(world, token.text), model.wordOn(session, token), session.id)
    }
    for (const token of session.tokens) {
      if (world.clock.now() >= token.expiresAt) continue
      for (const node of nodes) assert.equal(node.isRevoked(token.claims), !model.isLiving(session), session.id)
    }
  }
}

const kind = fc.constantFrom<Kind[]>(
  ...(['register', 'login', 'login', 'login', 'refresh', 'refresh', 'refresh', 'refresh', 'logout'] as const),
  ...(['endSession', 'endSessions', 'changePassword', 'deleteAccount', 'list', 'sweep', 'wait', 'wait'] as const),
)
const step: fc.Arbitrary<Step> = fc.tuple(kind, fc.nat(19), fc.nat(11))

const lastStep: Step = ['sweep', 0, 0]

test('whatever people do and however long they wait, a session is good until it ends, and never after', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: stepsMax, size: 'max' }), async (steps) => {
    const world = await authWorld(undefined, { passwords: cheapPasswords })
    try {
      const model = sessionLife(world)
      // How guesses are counted is another story: here nobody waits.
      const attempts: AuthWorld['attempts'] = { begin: async () => ({ evaluate: (verify) => verify() }) }
      const play = player({ ...world, attempts }, model)
      const node = follower(world)
      const log = eventLog({ database: world.database, clock: world.clock, committed: () => {} })
      for (const name of names) await play.register(names.indexOf(name))
      for (const [name, one, other] of [...steps, lastStep]) {
        await play[name](one, other)
        node.catchUp()
        // A node that begins now hears what is in force, and no more.
        const late = follower(world)
        if (name === 'sweep') late.catchUp(await log.readInForce(0, 10_000))
        await compare(world, model, name === 'sweep' ? [node.known, late.known] : [node.known])
      }
    } finally {
      await world.close()
    }
  })
  await assertProperty('session-life', property, { numRuns: runs })
})
