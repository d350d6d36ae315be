import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, type RefusalCode } from '@gatehouse/contract/refusals.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { ada, adasToken, startGateway } from '../testing.ts'
import { closeFrame } from './frame-boundary.ts'
import { shake, startSwitchingServer } from './testing.ts'

const quick = { webSocketSweepMs: 5, webSocketConfirmMs: 1_000, webSocketCloseMs: 50 }

/** A gateway whose knowledge of sessions is in the test's hands. */
const guarded = async (limits: NonNullable<Parameters<typeof startGateway>[0]>['limits'] = quick) => {
  const upstream = await startSwitchingServer()
  const clock = movableClock()
  const state = {
    fresh: true,
    asked: 0,
    goodLooks: Infinity,
    refusal: undefined as RefusalCode | undefined,
    told: (_userId: string): void => {},
  }
  const route = (prefix: string, access: 'required' | 'public') =>
    ({ prefix, upstreams: [upstream.url], access, stripPrefix: false }) as const
  const judge = () => {
    if (state.refusal !== undefined) throw refuse(state.refusal)
    if (state.goodLooks === 0) throw refuse('token-revoked')
    state.goodLooks -= 1
    return { ...ada, expiresAt: clock.now() / 1000 + 60 }
  }
  const gateway = await startGateway({
    ownRoutes: [route('/live', 'required'), route('/open', 'public')],
    clock,
    limits,
    verify: (token) => {
      if (token !== adasToken) throw refuse('token-invalid')
      if (state.fresh) return judge()
      state.asked += 1
      return Promise.resolve().then(judge)
    },
    sessions: { fresh: () => state.fresh, onRevoked: (told) => (state.told = told) },
  })
  const shaking = async (path = '/live') => {
    const client = await shake(gateway, path, { more: [`Authorization: Bearer ${adasToken}`] })
    if (client.status === 101) (await upstream.connection(upstream.requests.length)).resume()
    return client
  }
  return {
    gateway,
    clock,
    state,
    shaking,
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]()
      await upstream[Symbol.asyncDispose]()
    },
  }
}

test('a session that ends takes its WebSockets along, at once and with the reason', async () => {
  await using house = await guarded()
  const client = await house.shaking()
  const guest = await house.shaking('/open')
  house.state.refusal = 'token-revoked'
  house.state.told('somebody else')
  assert.equal(house.gateway.webSockets(), 2)
  house.state.told(ada.userId)
  await waitFor(() => client.ended() === 'end', { what: 'the end' })
  assert.deepEqual(client.heard(), closeFrame(3000, 'token-revoked'))
  assert.equal((await house.gateway.observation(1)).code, 'token-revoked')
  // One that was opened without a token has no session to end with.
  assert.deepEqual([guest.ended(), house.gateway.webSockets()], [undefined, 1])
  guest.socket.destroy()
})

test('another session of the same user lives on', async () => {
  await using house = await guarded()
  const client = await house.shaking()
  house.state.told(ada.userId)
  assert.deepEqual([client.ended(), house.gateway.webSockets()], [undefined, 1])
  client.socket.destroy()
})

test('a session that ends during the handshake opens nothing that lasts', async () => {
  await using house = await guarded()
  // Good when "authenticate" looks at it, and not any more when the service has said yes.
  house.state.goodLooks = 1
  const client = await house.shaking()
  await waitFor(() => client.ended() !== undefined, { what: 'the end' })
  assert.deepEqual(client.heard(), closeFrame(3000, 'token-revoked'))
})

test('a token that expires ends its WebSocket', async () => {
  await using house = await guarded()
  const client = await house.shaking()
  house.clock.advance(59_999)
  const before = house.gateway.webSockets()
  house.clock.advance(1)
  await waitFor(() => client.ended() === 'end', { what: 'the end' })
  assert.deepEqual([before, client.heard()], [1, closeFrame(3000, 'token-expired')])
})

test('while nothing is heard of sessions, each token is asked about now and then', async () => {
  await using house = await guarded()
  const client = await house.shaking()
  house.state.fresh = false
  house.clock.advance(1_000)
  await waitFor(() => house.state.asked === 1, { what: 'the first question' })
  house.clock.advance(1_000)
  await waitFor(() => house.state.asked === 2, { what: 'the second question' })
  assert.equal(client.ended(), undefined)
  house.state.refusal = 'token-revoked'
  house.clock.advance(1_000)
  await waitFor(() => client.ended() === 'end', { what: 'the end' })
  assert.deepEqual(client.heard(), closeFrame(3000, 'token-revoked'))
})

test('when nobody can be asked any more, the node does not guess: try again later', async () => {
  await using house = await guarded()
  const client = await house.shaking()
  house.state.fresh = false
  house.state.refusal = 'verification-unavailable'
  house.clock.advance(1_000)
  await waitFor(() => client.ended() === 'end', { what: 'the end' })
  assert.deepEqual(client.heard(), closeFrame(1013, 'verification-unavailable'))
  assert.equal((await house.gateway.observation(1)).code, 'verification-unavailable')
})

test('one caller has so many WebSockets and no more; one that ends makes room', async () => {
  await using house = await guarded({ ...quick, webSocketsPerCallerMax: 2 })
  const first = await house.shaking()
  const second = await house.shaking()
  const third = await house.shaking()
  assert.equal(third.status, 429)
  const guest = await house.shaking('/open')
  assert.equal(guest.status, 101)
  first.socket.destroy()
  await waitFor(() => house.gateway.webSockets() === 2, { what: 'a place to be free' })
  const fourth = await house.shaking()
  assert.equal(fourth.status, 101)
  for (const { socket } of [second, guest, fourth]) socket.destroy()
})

test('the process has so many WebSockets and no more, and a handshake that fails keeps no place', async () => {
  await using house = await guarded({ ...quick, webSocketsMax: 1 })
  house.state.refusal = 'token-expired'
  assert.equal((await house.shaking()).status, 401)
  house.state.refusal = undefined
  const first = await house.shaking()
  assert.deepEqual([first.status, (await house.shaking('/open')).status], [101, 503])
  first.socket.destroy()
})
