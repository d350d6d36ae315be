import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc, { type Scheduler } from 'fast-check'
import { assertProperty } from '@gatehouse/testing/assert-property.ts'
import { refresh } from './refresh.ts'
import { eventLog } from './stores/event-log.ts'
import { graceMs } from './stores/rotate-session.ts'
import { sessions } from './stores/sessions.ts'
import { accessTokenTtlMs, authWorld, client, type AuthWorld } from './testing/auth-world.ts'
import { outcomeOf } from './testing/members.ts'
import { openAccount, startSession } from './testing/rows.ts'
import { scheduledDatabase } from './testing/scheduled-database.ts'

const runs = 300

/** One who uses a token of the family: 0 is the newest that anybody was given, 1 its parent. */
type Caller = {
  readonly age: number
  /** How often the caller uses the answer at once, while the others are still under way. */
  readonly eagerness: number
}
/** Callers who come at once, and how long it is quiet afterwards. */
type Wave = { readonly callers: readonly Caller[]; readonly restMs: number }

/** What came of one use. All beginnings and ends are counted: one that ended before another began lies before it. */
type Use = {
  readonly token: string
  readonly at: number
  readonly began: number
  ended: number
  successor: string | undefined
}

/** A family of refresh tokens, used by many at once, each statement of whom waits for the scheduler. */
const family = async (world: AuthWorld, scheduler: Scheduler) => {
  const { clock } = world
  const first = world.refreshTokens.make(world.ids.uuidv7())
  const ada = await openAccount(world)
  await startSession(world, ada, { id: first.sessionId, refreshHash: first.hash })

  const database = scheduledDatabase(world.database, scheduler)
  const log = eventLog({ database: world.database, clock, committed: () => {} })
  const slow = sessions({ database, log, clock, accessTokenTtlMs })
  // Which token it is matters to nobody here, and to sign it takes the most time of all.
  const issue = () => ({ token: 'a token', expiresInSeconds: 1, tokenExpiresAt: 1 })
  const refreshed = refresh({
    ...world,
    accessTokens: { ...world.accessTokens, issue },
    sessions: {
      ...slow,
      end: async (id) => {
        await scheduler.schedule(Promise.resolve(), 'end')
        return slow.end(id)
      },
    },
  })

  const uses: Use[] = []
  const known = [first.text]
  let place = 0
  const present = async (token: string, eagerness: number): Promise<void> => {
    const use: Use = { token, at: clock.now(), began: (place += 1), ended: Infinity, successor: undefined }
    uses.push(use)
    const outcome = await outcomeOf(refreshed({ refresh_token: token }, client))
    use.ended = place += 1
    if (outcome === 'refresh-token-invalid') return
    assert.ok(typeof outcome === 'object')
    const { refresh_token } = outcome
    use.successor = refresh_token
    if (!known.includes(refresh_token)) known.push(refresh_token)
    if (eagerness > 0) await present(refresh_token, eagerness - 1)
  }
  return {
    uses,
    known,
    play: async ({ callers, restMs }: Wave) => {
      // Chosen before any of them begins: nobody can hold what nobody was given.
      const held = callers.map(({ age }) => known.at(-1 - age) ?? first.text)
      const all = callers.map(({ eagerness }, n) => present(held[n] ?? first.text, eagerness))
      await scheduler.waitFor(Promise.all(all))
      clock.advance(restMs)
    },
    ends: () =>
      world.database.query.selectFrom('events').select('type').where('session_id', '=', first.sessionId).execute(),
    isLiving: async () => (await world.sessions.standing(first.sessionId))?.ended === false,
  }
}

/** Whether this use may be taken for a thief's: the successor was used, or being used, or the grace was over. */
const mayBeTheft = (uses: readonly Use[], { token, at, ended }: Use): boolean => {
  const rotations = uses.filter((use) => use.token === token && use.successor !== undefined)
  const isLate = rotations.length > 0 && rotations.every((rotation) => at - rotation.at > graceMs)
  const successors = new Set(rotations.map(({ successor }) => successor))
  return isLate || uses.some((use) => successors.has(use.token) && use.began < ended)
}
/** Whether it must be: the successor had been used before, and answered, or the grace was over for everybody. */
const mustBeTheft = (uses: readonly Use[], { token, at, began }: Use): boolean => {
  const before = uses.filter((use) => use.ended < began && use.successor !== undefined)
  const rotations = before.filter((use) => use.token === token)
  const isLate = rotations.some(({ at: rotatedAt }) => at - rotatedAt > graceMs)
  return isLate || rotations.some(({ successor }) => before.some((use) => use.token === successor))
}

/** Looks at all that has happened as one who saw everything. */
const judge = async ({ uses, known, ends, isLiving }: Awaited<ReturnType<typeof family>>): Promise<void> => {
  const refused = uses.filter(({ successor }) => successor === undefined).toSorted((a, b) => a.ended - b.ended)
  const answered = uses.filter(({ successor }) => successor !== undefined)

  // No fork: a token has one successor, whoever asks, and no two tokens have the same.
  const successors = new Map<string, string | undefined>()
  for (const { token, successor } of answered) {
    assert.equal(successors.get(token) ?? successor, successor, 'two living successors')
    successors.set(token, successor)
  }
  assert.equal(new Set(successors.values()).size, successors.size)
  assert.equal(known.length, successors.size + 1)

  const [firstRefused] = refused
  if (firstRefused !== undefined) {
    const thefts = refused.filter((use) => mayBeTheft(uses, use))
    assert.ok(thefts.length > 0, 'an honest caller has ended the family')
    const isBeforeAll = thefts.some(({ began }) => began < firstRefused.ended)
    assert.ok(isBeforeAll, 'an honest caller was refused before anybody was a thief')
    for (const { began } of answered) assert.ok(began < firstRefused.ended, 'answered after the family had ended')
  }
  for (const use of uses) {
    if (mustBeTheft(uses, use)) assert.equal(use.successor, undefined, 'a thief was answered')
  }
  assert.equal(await isLiving(), refused.length === 0)
  assert.deepEqual(await ends(), refused.length === 0 ? [] : [{ type: 'session.ended' }])
}

const waveOf = (age: fc.Arbitrary<number>, restMs: fc.Arbitrary<number>): fc.Arbitrary<Wave> =>
  fc.record({
    callers: fc.array(fc.record({ age, eagerness: fc.nat(2) }), { minLength: 1, maxLength: 6, size: 'max' }),
    restMs,
  })
const anyRest = fc.constantFrom(0, 1, graceMs / 2, graceMs, graceMs + 1)
const mostlyHonest = fc.oneof(
  { weight: 20, arbitrary: fc.constant(0) },
  { weight: 6, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.integer({ min: 2, max: 5 }) },
)

/** Plays each history in a family of its own; all of them share a world, which only grows older. */
const assertOfFamilies = async (
  name: string,
  waves: fc.Arbitrary<readonly Wave[]>,
  numRuns: number,
  look: typeof judge,
): Promise<void> => {
  const world = await authWorld()
  try {
    const property = fc.asyncProperty(waves, fc.scheduler(), async (all, scheduler) => {
      const played = await family(world, scheduler)
      for (const wave of all) await played.play(wave)
      await look(played)
    })
    await assertProperty(name, property, { numRuns })
  } finally {
    await world.close()
  }
}

test('whoever uses whatever token whenever: never two living successors, and theft alone ends a family', async () => {
  const waves = fc.array(waveOf(mostlyHonest, anyRest), { minLength: 1, maxLength: 8, size: 'max' })
  await assertOfFamilies('refresh-families', waves, runs, judge)
})

test('tabs that come at once, and come again when their answers are lost, are never refused', async () => {
  // All hold the same token; who has lost the answer asks again within the grace, before anybody uses the successor.
  const tabs = fc.array(fc.constant({ age: 0, eagerness: 0 }), { minLength: 1, maxLength: 8 })
  const retries = fc.array(fc.constant({ age: 1, eagerness: 0 }), { maxLength: 8 })
  const round = fc
    .tuple(tabs, retries, fc.nat(graceMs), fc.nat(10 * graceMs))
    .map(([callers, again, waitMs, restMs]): readonly Wave[] => [
      { callers, restMs: waitMs },
      { callers: again, restMs },
    ])
  const waves = fc.array(round, { minLength: 1, maxLength: 6 }).map((rounds) => rounds.flat())
  await assertOfFamilies('refresh-retries', waves, runs / 3, async ({ uses, isLiving, ends }) => {
    for (const { successor } of uses) assert.ok(successor)
    assert.deepEqual([await isLiving(), await ends()], [true, []])
  })
})
