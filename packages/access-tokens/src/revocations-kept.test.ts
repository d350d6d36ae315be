import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AccountEvent, NewAccountEvent } from '@gatehouse/contract/events.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { revocations } from './revocations.ts'

const clock = movableClock()
const until = clock.now() + 3_600_000

const heard = (...events: readonly NewAccountEvent[]) => {
  const known = revocations({ clock, maxStalenessMs: 5000 })
  events.forEach((event, at) => {
    const logged: AccountEvent = { ...event, seq: at + 1, at: clock.now() }
    known.receive({ type: 'event', resume: 0, event: logged })
  })
  return (sid: string, epoch = 0): boolean => known.isRevoked({ sid, public_id: 'ada', epoch })
}
const raised = (epoch: number, kept?: string): NewAccountEvent => ({
  type: 'user.epoch-raised',
  user_id: 'ada',
  epoch,
  ...(kept === undefined ? {} : { kept_session_id: kept }),
  until,
})
const ended = (session_id: string): NewAccountEvent => ({ type: 'session.ended', user_id: 'ada', session_id, until })
const deleted: NewAccountEvent = { type: 'user.deleted', user_id: 'ada', until }

test('a raised epoch leaves the kept session its old tokens and its new ones, and no other', () => {
  const isRevoked = heard(raised(1, 'kept'))
  deepEqual([isRevoked('kept', 0), isRevoked('kept', 1), isRevoked('other', 0)], [false, false, true])
  deepEqual([isRevoked('later login', 1), isRevoked('', 0), isRevoked('undefined', 0)], [false, true, true])
})

test('a session is kept by an account of its own alone', () => {
  const known = revocations({ clock, maxStalenessMs: 5000 })
  for (const [at, user_id] of ['ada', 'bob'].entries()) {
    const event: AccountEvent = { ...raised(1, `session of ${user_id}`), user_id, seq: at + 1, at: 0 }
    known.receive({ type: 'event', resume: 0, event })
  }
  equal(known.isRevoked({ sid: 'session of bob', public_id: 'ada', epoch: 0 }), true)
  equal(known.isRevoked({ sid: 'session of bob', public_id: 'bob', epoch: 0 }), false)
})

for (const [name, events, isDead] of [
  ['its own end', [raised(1, 'kept'), ended('kept')], true],
  ['its own end, heard first', [ended('kept'), raised(1, 'kept')], true],
  ['a later raise that keeps none', [raised(1, 'kept'), raised(2)], true],
  ['a later raise that keeps another', [raised(1, 'kept'), raised(2, 'another')], true],
  ['a later raise that keeps another, heard first', [raised(2, 'another'), raised(1, 'kept')], true],
  ['a later raise that keeps none, heard first and twice', [raised(2), raised(1, 'kept'), raised(2)], true],
  ['the end of its account', [raised(1, 'kept'), deleted], true],
  ['the end of its account, heard first', [deleted, raised(1, 'kept')], true],
  ['nothing: a later raise that keeps it too', [raised(1, 'kept'), raised(2, 'kept')], false],
  ['nothing: the same raise heard twice', [raised(1, 'kept'), raised(1, 'kept')], false],
  ['nothing: an earlier raise that kept none, heard late', [raised(2, 'kept'), raised(1)], false],
] as const) {
  test(`a kept session is ended by ${name}`, () => {
    equal(heard(...events)('kept', 0), isDead)
    equal(heard(...events)('another one', 0), true)
  })
}

type Session = { readonly sid: string; readonly tokens: number[]; epoch: number; lives: boolean }

/** Plays a history as the database does; answers its sessions, with the epochs of their tokens, and its events. */
const played = (steps: readonly (readonly [string, number])[]) => {
  const sessions: Session[] = []
  const events: NewAccountEvent[] = []
  let epoch = 0
  for (const [step, pick] of steps) {
    const session = sessions[pick % Math.max(sessions.length, 1)]
    if (step === 'login') sessions.push({ sid: `s${sessions.length}`, tokens: [epoch], epoch, lives: true })
    if (session === undefined || !session.lives) continue
    if (step === 'refresh') session.tokens.push(epoch)
    if (step === 'end') {
      session.lives = false
      events.push(ended(session.sid))
    }
    if (step === 'end others' || step === 'end all') {
      const kept = step === 'end others' ? session : undefined
      epoch += 1
      for (const other of sessions) other.lives &&= other === kept
      events.push(raised(epoch, kept?.sid))
    }
  }
  return { sessions, events }
}

test('in whatever order a history is heard, a node says of every token what the database says', () => {
  const step = fc.constantFrom('login', 'login', 'login', 'refresh', 'end', 'end others', 'end others', 'end all')
  const history = fc.array(fc.tuple(step, fc.nat(20)), { maxLength: 30 }).map(played)
  const heardAnyhow = history.chain(({ sessions, events }) =>
    fc
      .tuple(fc.shuffledSubarray(events, { minLength: events.length }), fc.subarray(events))
      .map(([all, again]) => ({ sessions, order: [...all, ...again] })),
  )
  fc.assert(
    fc.property(heardAnyhow, ({ sessions, order }) => {
      const isRevoked = heard(...order)
      for (const { sid, tokens, lives } of sessions) {
        for (const epoch of tokens) equal(isRevoked(sid, epoch), !lives, `${sid} of epoch ${epoch}`)
      }
    }),
    { numRuns: 500 },
  )
})
