import assert from 'node:assert/strict'
import { createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { describe, test } from 'node:test'
import type { Answer } from '../client.ts'
import { expectProblem } from '../expect.ts'
import { newMember, newPerson, signIn } from '../people.ts'
import { partsOf } from '../tokens.ts'
import type { PromiseSuite } from './promise.ts'

/** Starting a session. */
export const login: PromiseSuite = (world) => {
  describe('login', () => {
    test('answers the token, whose it is, and how long it lasts, to be stored by nobody', async () => {
      const member = await newMember(world().gateway)
      const { email, username, password, userId } = member
      for (const door of world().doorsTo('auth-service')) {
        for (const json of [
          { email, password },
          { username, password },
        ]) {
          const answer = await door.post('/auth/login', { json })
          assert.equal(answer.status, 200)
          const { token, refresh_token: refresh, device_token: device, ...rest } = answer.json
          assert.deepEqual(rest, { user_id: userId, token_type: 'Bearer', expires_in: 86_400 })
          assert.equal(typeof token, 'string')
          assert.match(String(refresh), /^ghr_[\w-]{86}$/)
          assert.match(String(device), /^ghd_[\w-]{48}$/)
          assert.equal(answer.headers['cache-control'], 'no-store')
        }
      }
    })

    test('the token is a JWT of 24 hours with public_id and the registered claims, and nothing personal', async () => {
      const { gateway } = world()
      const member = await newMember(gateway)
      const { header, claims } = partsOf(await signIn(gateway, member))
      assert.deepEqual([header['alg'], header['typ'], typeof header['kid']], ['ES256', 'at+jwt', 'string'])
      assert.deepEqual([claims['public_id'], claims['sub']], [member.userId, member.userId])
      assert.equal(Number(claims['exp']) - Number(claims['iat']), 86_400)
      assert.equal(claims['epoch'], 0)
      const names = ['aud', 'epoch', 'exp', 'iat', 'iss', 'jti', 'public_id', 'sid', 'sub']
      assert.deepEqual(Object.keys(claims).toSorted(), names)
      assert.ok(!JSON.stringify(claims).includes(member.username))
    })

    test('to validate it answers whose it is, of which session, and until when', async () => {
      const { gateway } = world()
      const token = await signIn(gateway, await newMember(gateway))
      const { claims } = partsOf(token)
      for (const door of world().doorsTo('auth-service')) {
        const { status, json } = await door.post('/auth/validate', { bearer: token })
        assert.equal(status, 200)
        assert.deepEqual(json, {
          valid: true,
          user_id: claims['public_id'],
          session_id: claims['sid'],
          expires_at: claims['exp'],
        })
      }
    })

    test('anyone can verify it with the published keys, of which there are two and none is private', async () => {
      const { gateway } = world()
      const token = await signIn(gateway, await newMember(gateway))
      const { header, signed, signature } = partsOf(token)
      const paths = [
        ...world()
          .doorsTo('auth-service')
          .map((door) => [door, '/auth/.well-known/jwks.json'] as const),
        [gateway, '/.well-known/jwks.json'] as const,
        [world().otherGateway, '/.well-known/jwks.json'] as const,
      ]
      for (const [door, path] of paths) {
        const { status, json } = await door.get(path)
        assert.equal(status, 200, path)
        // RFC 7517: a list of keys; what is used of each is asserted.
        const keys = json['keys'] as readonly (JsonWebKey & { readonly kid?: string })[]
        assert.equal(keys.length, 2)
        for (const key of keys)
          assert.deepEqual(Object.keys(key).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
        const key = keys.find(({ kid }) => kid === header['kid'])
        assert.ok(key !== undefined)
        const publicKey = createPublicKey({ key, format: 'jwk' })
        assert.ok(verify('sha256', Buffer.from(signed), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature))
      }
    })

    test('an unknown e-mail and a wrong password give the same answer, and take the same work', async () => {
      const { gateway } = world()
      const wrong: number[] = []
      const unknown: number[] = []
      for (let round = 0; round < 7; round += 1) {
        // Somebody new each time: the sixth wrong password for one account would have to wait.
        const { email } = await newMember(gateway)
        const { email: stranger, password } = newPerson()
        const [first, firstMs] = await timed(() => gateway.post('/auth/login', { json: { email, password } }))
        const [second, secondMs] = await timed(() =>
          gateway.post('/auth/login', { json: { email: stranger, password } }),
        )
        expectProblem(first, { status: 401, code: 'invalid-credentials', speaker: 'service' })
        expectProblem(second, { status: 401, code: 'invalid-credentials', speaker: 'service' })
        assert.deepEqual({ ...first.json, request_id: '' }, { ...second.json, request_id: '' })
        wrong.push(firstMs)
        unknown.push(secondMs)
      }
      // The quickest of each, because noise only ever adds. A path without the hash would take a tenth.
      const [quickestWrong, quickestUnknown] = [Math.min(...wrong), Math.min(...unknown)]
      assert.ok(quickestUnknown > quickestWrong / 2, `${quickestUnknown} ms against ${quickestWrong} ms`)
    })

    test('e-mail and username together, or neither, is not a login', async () => {
      const { gateway } = world()
      const { email, username, password } = await newMember(gateway)
      for (const json of [{ email, username, password }, { password }]) {
        const answer = await gateway.post('/auth/login', { json })
        expectProblem(answer, { status: 400, code: 'invalid-request', speaker: 'service' })
      }
    })

    test('a token from one node is good on every other at once', async () => {
      const { gateway } = world()
      const member = await newMember(gateway)
      for (const door of world().doorsTo('auth-service')) {
        const token = await signIn(door, member)
        for (const other of world().doorsTo('auth-service')) {
          assert.equal((await other.post('/auth/validate', { bearer: token })).status, 200)
        }
        for (const other of world().doorsTo('user-service')) {
          assert.equal((await other.get('/users/profile', { bearer: token })).status, 404)
        }
      }
    })
  })
}

const timed = async (work: () => Promise<Answer>): Promise<readonly [Answer, number]> => {
  const begin = performance.now()
  const answer = await work()
  return [answer, performance.now() - begin]
}
