import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { decodeJwt } from 'jose'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { changePassword } from './change-password.ts'
import { deleteAccount } from './delete-account.ts'
import { logout } from './logout.ts'
import { refreshTokens } from './refresh-tokens.ts'
import { refresh } from './refresh.ts'
import { graceMs } from './stores/rotate-session.ts'
import { accessTokenTtlMs, client, sessionTtlMs, stranger, type AuthWorld } from './testing/auth-world.ts'
import {
  adasWorld,
  isRevokedElsewhere,
  logIn,
  outcomeOf,
  password,
  standingOf,
  type Member,
} from './testing/members.ts'

let world: AuthWorld
let ada: Member
beforeEach(async () => {
  world = await adasWorld()
  ada = await logIn(world)
})
afterEach(() => world.close())

const refreshed = (refreshToken: string, from = client) => refresh(world)({ refresh_token: refreshToken }, from)
const successorOf = async (refreshToken: string): Promise<string> => (await refreshed(refreshToken)).refresh_token
const refusalOf = async (refreshToken: string): Promise<unknown> => {
  const refusal: unknown = await refreshed(refreshToken).then(
    () => assert.fail('not refused'),
    (error: unknown) => error,
  )
  return refusal
}

test('a refresh answers a new pair for the same session, and the old access token stays good', async () => {
  const answer = await refreshed(ada.refreshToken)
  assert.deepEqual(
    { ...answer, token: '', refresh_token: '' },
    {
      token: '',
      user_id: ada.caller.userId,
      token_type: 'Bearer',
      expires_in: accessTokenTtlMs / 1000,
      refresh_token: '',
    },
  )
  assert.notEqual(answer.refresh_token, ada.refreshToken)
  assert.equal(decodeJwt(answer.token)['sid'], ada.caller.sessionId)
  assert.notEqual(decodeJwt(answer.token).jti, decodeJwt(ada.token).jti)
  assert.deepEqual([await standingOf(world, answer.token), await standingOf(world, ada.token)], ['good', 'good'])
  assert.equal(world.committed.length, 1)
})

test('each successor refreshes in turn', async () => {
  let token = ada.refreshToken
  for (let round = 0; round < 5; round += 1) {
    world.clock.advance(graceMs + 1)
    token = await successorOf(token)
  }
  assert.equal(await standingOf(world, ada.token), 'good')
})

test('the parent sent again within ten seconds answers the same successor, which still works', async () => {
  const successor = await successorOf(ada.refreshToken)
  world.clock.advance(graceMs)
  assert.equal(await successorOf(ada.refreshToken), successor)
  assert.equal(await successorOf(ada.refreshToken), successor)
  assert.notEqual(await successorOf(successor), successor)
})

test('twenty callers at once with one token are answered one successor, and nobody is refused', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => refreshed(ada.refreshToken)))
  const successors = new Set(answers.map(({ refresh_token }) => refresh_token))
  assert.equal(successors.size, 1)
  for (const { token } of answers) assert.equal(await standingOf(world, token), 'good')
  const [successor = ''] = successors
  await refreshed(successor)
})

for (const [name, reuse] of [
  [
    'ten seconds after it was used',
    async () => {
      await refreshed(ada.refreshToken)
      world.clock.advance(graceMs + 1)
    },
  ],
  ['once its successor was used', async () => void (await successorOf(await successorOf(ada.refreshToken)))],
  [
    'many generations later',
    async () => {
      let token = ada.refreshToken
      for (let round = 0; round < 9; round += 1) token = await successorOf(token)
      world.clock.advance(sessionTtlMs / 2)
    },
  ],
] as const) {
  test(`a token used again ${name} ends the whole session, with an event before the refusal`, async () => {
    await reuse()
    const outcome = refreshed(ada.refreshToken, stranger).then(
      () => assert.fail('answered'),
      () => world.committed.at(-1)?.type,
    )
    assert.equal(await outcome, 'session.ended')
    assert.equal(isRevokedElsewhere(world, ada.token), true)
    assert.equal((await world.sessions.standing(ada.caller.sessionId))?.ended, true)
  })
}

test('after a reuse the newest tokens are dead too, and the owner’s other sessions are not', async () => {
  const other = await logIn(world)
  const { token, refresh_token } = await refreshed(await successorOf(ada.refreshToken))
  await refusalOf(ada.refreshToken)
  assert.equal(await standingOf(world, token), 'token-revoked')
  assert.equal(isRevokedElsewhere(world, token), true)
  assert.equal(await outcomeOf(refreshed(refresh_token)), 'refresh-token-invalid')
  assert.equal(await standingOf(world, other.token), 'good')
  await refreshed(other.refreshToken)
})

test('a reuse whose end the database does not confirm is no 401', async () => {
  await successorOf(await successorOf(ada.refreshToken))
  const sessions = { ...world.sessions, end: () => Promise.reject(refuse('database-unavailable')) }
  const outcome = refresh({ ...world, sessions })({ refresh_token: ada.refreshToken }, client)
  assert.equal(await outcomeOf(outcome), 'database-unavailable')
})

test('unknown, malformed, tampered, used up, expired and ended tokens get the very same refusal', async () => {
  const ended = await logIn(world)
  await logout(world)({}, ended.caller)
  const usedUp = await logIn(world)
  await successorOf(await successorOf(usedUp.refreshToken))
  const ofNoSession = world.refreshTokens.make(world.ids.uuidv7()).text
  const neverGivenOut = world.refreshTokens.make((await logIn(world)).caller.sessionId).text
  const ofAnotherSecret = refreshTokens('another secret of thirty-two byte', world.ids.bytes).make(ada.caller.sessionId)
  const tampered = ada.refreshToken.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  const notOurs = ['', 'x', 'ghr_', ada.token, `ghr_${'A'.repeat(86)}`, tampered, ofAnotherSecret.text]
  const candidates = [...notOurs, ofNoSession, neverGivenOut, usedUp.refreshToken, ended.refreshToken]
  const refusals: unknown[] = []
  for (const candidate of candidates) refusals.push(await refusalOf(candidate))
  const expired = await logIn(world)
  world.clock.advance(sessionTtlMs)
  refusals.push(await refusalOf(expired.refreshToken))
  for (const refusal of refusals) assert.deepEqual(refusal, refuse('refresh-token-invalid'))
})

test('the database is not asked about a string that cannot be ours', async () => {
  const asked = (): never => assert.fail('the database was asked')
  const sessions = { ...world.sessions, rotate: asked, end: asked, standing: asked }
  const tampered = ada.refreshToken.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  const forged = refreshTokens('another secret of thirty-two byte', world.ids.bytes).make(ada.caller.sessionId).text
  for (const text of ['', 'x', ada.token, `ghr_${'A'.repeat(86)}`, tampered, forged, `${ada.refreshToken} `]) {
    const outcome = refresh({ ...world, sessions })({ refresh_token: text }, client)
    assert.equal(await outcomeOf(outcome), 'refresh-token-invalid')
  }
})

test('a forged token with the id of a living session does not end it', async () => {
  const forged = refreshTokens('another secret of thirty-two byte', world.ids.bytes).make(ada.caller.sessionId).text
  assert.equal(await outcomeOf(refreshed(forged, stranger)), 'refresh-token-invalid')
  assert.equal(await standingOf(world, ada.token), 'good')
  await refreshed(ada.refreshToken)
  assert.equal(world.committed.length, 1)
})

test('when the family ends was fixed at login: no refresh moves it, and no token outlives it', async () => {
  const endsAt = world.clock.now() + sessionTtlMs
  let refreshToken = ada.refreshToken
  let token = ada.token
  for (const rest of [sessionTtlMs / 2, 3_600_000, 1000]) {
    world.clock.advance(endsAt - rest - world.clock.now())
    const answer = await refreshed(refreshToken)
    ;({ token, refresh_token: refreshToken } = answer)
    assert.equal(answer.expires_in, Math.min(rest, accessTokenTtlMs) / 1000)
  }
  world.clock.advance(1000)
  assert.equal(await standingOf(world, token), 'token-expired')
  assert.equal(await outcomeOf(refreshed(refreshToken)), 'refresh-token-invalid')
  assert.equal(world.committed.length, 1)
})

for (const [name, end] of [
  ['a logout', async () => void (await logout(world)({}, ada.caller))],
  ['a password change elsewhere', () => changeElsewhere()],
  ['a deletion', async () => void (await deleteAccount(world)({ password }, ada.caller))],
] as const) {
  test(`after ${name} neither refresh token nor the access token that came of it is good`, async () => {
    const { token, refresh_token } = await refreshed(ada.refreshToken)
    await end()
    assert.equal(await standingOf(world, token), 'token-revoked')
    assert.equal(isRevokedElsewhere(world, token), true)
    for (const dead of [refresh_token, ada.refreshToken]) {
      assert.equal(await outcomeOf(refreshed(dead)), 'refresh-token-invalid')
    }
  })
}

const changeElsewhere = async (): Promise<void> => {
  const { caller } = await logIn(world)
  await changePassword(world)({ current_password: password, new_password: 'another' }, caller)
}
