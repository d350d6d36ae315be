import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { fieldsOf } from '../client.ts'
import { newMember, newSignedIn, signIn } from '../people.ts'
import { openSocket } from '../web-socket.ts'
import type { PromiseSuite } from './promise.ts'

const isRevoked = { status: 3000, reason: 'token-revoked' }

/** WebSockets go through the gateway, and are worth as much as the session that opened them. */
export const webSockets: PromiseSuite = (world) => {
  describe('WebSockets', () => {
    test('carry messages both ways, and the words with which they are closed', async () => {
      const { gateway } = world()
      const { ask, closed, handshake } = await openSocket(gateway.origin, '/own/socket?x=1')
      assert.equal(handshake.url, '/own/socket?x=1')
      const bytes = randomBytes(1024 * 1024)
      assert.equal((await ask('hello')).toString(), 'hello')
      assert.ok((await ask(bytes)).equals(bytes))
      void ask('close').catch(() => {})
      assert.deepEqual(await closed(), { status: 4000, reason: 'as you wish' })
    })

    test('a browser opens one by its own means, with the token as a subprotocol', async () => {
      const { gateway } = world()
      const { token, userId } = await newSignedIn(gateway)
      for (const [offered, chosen, told] of [
        [['gatehouse.bearer', token], 'gatehouse.bearer', []],
        [['chat', 'gatehouse.bearer', token], 'chat', ['chat']],
      ] as const) {
        // Node's own, which holds to the same standard as browsers and cannot set a header either.
        const socket = new WebSocket(`${gateway.origin.replace('http', 'ws')}/members/socket`, [...offered])
        const first = await new Promise<string>((resolve, reject) => {
          socket.addEventListener('message', ({ data }) => resolve(String(data)))
          socket.addEventListener('error', reject)
        })
        assert.equal(socket.protocol, chosen)
        socket.close()
        const { headers } = JSON.parse(first) as { readonly headers: readonly string[] }
        assert.deepEqual(fieldsOf(headers, 'x-user-id'), [userId])
        assert.deepEqual(fieldsOf(headers, 'authorization'), [`Bearer ${token}`])
        assert.deepEqual(fieldsOf(headers, 'sec-websocket-protocol'), told)
      }
    })

    test('nobody opens one where a token is required without a good one', async () => {
      const { gateway } = world()
      const { token } = await newSignedIn(gateway)
      await assert.rejects(openSocket(gateway.origin, '/members/socket'), /401/)
      await assert.rejects(openSocket(gateway.origin, '/members/socket', { bearer: token.slice(1) }), /401/)
      await assert.rejects(openSocket(gateway.origin, `/members/socket?access_token=${token}`), /401/)
    })

    test('our own services speak none, and answer as to any request', async () => {
      const { gateway } = world()
      await assert.rejects(openSocket(gateway.origin, '/users/profile'), /401/)
      await assert.rejects(openSocket(gateway.origin, '/auth/nothing'), /404/)
      await assert.rejects(openSocket(gateway.origin, '/health'), /200/)
    })

    test('a logout at one node closes those of its session at every node, and no others', async () => {
      const { gateway, otherGateway } = world()
      const member = await newMember(gateway)
      const [leaving, staying] = [await signIn(gateway, member), await signIn(gateway, member)]
      const open = async (bearer: string) =>
        Promise.all([gateway, otherGateway].map(({ origin }) => openSocket(origin, '/members/socket', { bearer })))
      const gone = await open(leaving)
      const kept = await open(staying)
      assert.equal((await otherGateway.post('/auth/logout', { bearer: leaving })).status, 200)
      for (const { closed } of gone) assert.deepEqual(await closed(), isRevoked)
      for (const { ask, socket } of kept) {
        assert.equal((await ask('still here')).toString(), 'still here')
        socket.terminate()
      }
    })

    for (const [what, end] of [
      [
        'a change of the password',
        (password: string) =>
          ['POST', '/auth/password', { current_password: password, new_password: 'another long one' }] as const,
      ],
      ['the end of the account', (password: string) => ['DELETE', '/auth/account', { password }] as const],
    ] as const) {
      test(`${what} closes those of the other sessions`, async () => {
        const { gateway } = world()
        const member = await newMember(gateway)
        const { closed } = await openSocket(gateway.origin, '/members/socket', {
          bearer: await signIn(gateway, member),
        })
        const [method, path, json] = end(member.password)
        const { status, text } = await gateway.ask(method, path, { bearer: await signIn(gateway, member), json })
        assert.equal(status, 200, text)
        assert.deepEqual(await closed(), isRevoked)
      })
    }
  })
}
