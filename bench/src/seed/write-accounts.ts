import type { Tables } from '@gatehouse/auth-service/stores/tables.ts'
import type { Database } from '@gatehouse/sql/database.ts'
import { inBatches } from './in-batches.ts'
import type { SeededPeople } from './seeded-people.ts'

type Plan = {
  readonly people: SeededPeople
  readonly passwordHash: string
  /** So many of the oldest sessions have been ended a while ago, and verifiers still have to remember it. */
  readonly revocations: number
  /** Milliseconds since the epoch: what was seeded happened before it. */
  readonly at: number
}

/** Fills auth-service's tables as its stores do, in the order of time; answers the last place of the event log. */
export const writeAccounts = async (database: Database<Tables>, plan: Plan): Promise<number> => {
  // Side by side: while the database takes the one batch the next of the other is made.
  await Promise.all([writeUsersAndSessions(database, plan), writeEvents(database, plan)])
  const last = await database.query
    .selectFrom('events')
    .select(({ fn }) => fn.max('seq').as('seq'))
    .executeTakeFirst()
  return last?.seq ?? 0
}

const writeUsersAndSessions = async (database: Database<Tables>, plan: Plan): Promise<void> => {
  await inBatches(database, plan.people.userCount, (trx, from, to) =>
    trx.insertInto('users').values(range(from, to).map((index) => userRow(plan, index))),
  )
  await inBatches(database, plan.people.sessionCount, (trx, from, to) =>
    trx.insertInto('sessions').values(range(from, to).map((number) => sessionRow(plan, number))),
  )
}

const writeEvents = async (database: Database<Tables>, plan: Plan): Promise<void> => {
  await inBatches(database, plan.people.userCount, (trx, from, to) =>
    trx.insertInto('events').values(range(from, to).map((index) => registration(plan, index))),
  )
  await inBatches(database, plan.revocations, (trx, from, to) =>
    trx.insertInto('events').values(range(from, to).map((number) => ending(plan, number))),
  )
}

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, at) => from + at)

const userRow = ({ people, passwordHash }: Plan, index: number): Tables['users'] => {
  const { id, publicId, username, email, bornAt } = people.person(index)
  return {
    id,
    public_id: publicId,
    username,
    username_key: username,
    email,
    email_key: email,
    password_hash: passwordHash,
    epoch: 0,
    created_at: bornAt,
  }
}

const accessTokenTtlMs = 86_400_000
const sessionTtlMs = 30 * 86_400_000

const sessionRow = (plan: Plan, number: number): Tables['sessions'] => {
  const { id, startedAt, refreshHash } = plan.people.session(number)
  return {
    id,
    user_id: plan.people.person(plan.people.ownerOf(number)).id,
    created_at: startedAt,
    last_seen_at: startedAt,
    expires_at: startedAt + sessionTtlMs,
    token_expires_at: startedAt + accessTokenTtlMs,
    ended_at: number < plan.revocations ? endedAt(plan, number) : null,
    epoch: 0,
    refresh_hash: refreshHash,
    parent_hash: null,
    rotated_at: null,
    sealed_successor: null,
    address: `203.0.113.${number % 254}`,
    user_agent: userAgents[number % userAgents.length] ?? null,
  }
}

const userAgents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5',
  null,
] as const

/** Within the last hours, and long enough ago that no reader of the log still watches for it. */
const endedAt = ({ at, revocations }: Plan, number: number): number =>
  Math.floor(at - endedFromMs + ((endedFromMs - endedToMs) * number) / revocations)

const endedFromMs = 6 * 3_600_000
const endedToMs = 600_000

const registration = ({ people }: Plan, index: number): NewEvent => {
  const { publicId, bornAt } = people.person(index)
  return { ...nothing, at: bornAt, type: 'user.registered', user_id: publicId }
}

const ending = (plan: Plan, number: number): NewEvent => {
  const { people } = plan
  const at = endedAt(plan, number)
  return {
    ...nothing,
    at,
    type: 'session.ended',
    user_id: people.person(people.ownerOf(number)).publicId,
    session_id: people.session(number).id,
    until: at + accessTokenTtlMs,
  }
}

type NewEvent = Omit<Tables['events'], 'seq'>

const nothing = { session_id: null, epoch: null, kept_session_id: null, until: null } as const
