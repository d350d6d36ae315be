import assert from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync, sign, type JsonWebKey } from 'node:crypto'
import { before, describe, test } from 'node:test'
import type { Client } from '../client.ts'
import { expectProblem } from '../expect.ts'
import { newSignedIn, type SignedIn } from '../people.ts'
import { partsOf, unsigned } from '../tokens.ts'
import { secretMark } from '../world.ts'
import type { PromiseSuite } from './promise.ts'

/** Every way to come with something else than a good token, and what is said to it. */
export const tokenForms: PromiseSuite = (world) => {
  describe('a bearer', () => {
    let member: SignedIn
    let jwk: JsonWebKey
    before(async () => {
      const { gateway } = world()
      member = await newSignedIn(gateway)
      await gateway.put('/users/profile', { bearer: member.token, json: { bio: 'untouched' } })
      const { json } = await gateway.get('/.well-known/jwks.json')
      const { kid } = partsOf(member.token).header
      // RFC 7517; the key is used as one, which fails if it is none.
      jwk = (json['keys'] as readonly (JsonWebKey & { kid: string })[]).find((key) => key.kid === kid) ?? {}
    })

    const forms: readonly Form[] = [
      ['none at all', () => [], 'token-missing'],
      ['an empty header', () => authorization(''), 'token-missing'],
      ['the scheme alone', () => authorization('Bearer'), 'token-missing'],
      ['the scheme and a space', () => authorization('Bearer '), 'token-missing'],
      ['in the query or a cookie', (token) => ['Cookie', `token=${token}`], 'token-missing'],
      ['without a scheme', (token) => authorization(token), 'token-invalid'],
      ['another scheme', () => authorization(`Basic ${secretMark}basic`), 'token-invalid'],
      ['another scheme with a good token', (token) => authorization(`Token ${token}`), 'token-invalid'],
      ['nonsense', () => authorization(`Bearer ${secretMark}nonsense`), 'token-invalid'],
      ['two tokens in one header', (token) => authorization(`Bearer ${token}, Bearer ${token}`), 'token-invalid'],
      [
        'fault, `Bearer ` replaced anywhere: twice in front',
        (token) => authorization(`Bearer Bearer ${token}`),
        'token-invalid',
      ],
      [
        'fault, `Bearer ` replaced anywhere: inside the token',
        (token) => authorization(`Bearer ${cut(token, 'Bearer ')}`),
        'token-invalid',
      ],
      [
        'fault, `Bearer ` replaced anywhere: behind the token',
        (token) => authorization(`${token}Bearer `),
        'token-invalid',
      ],
      ['a token with a space in it', (token) => authorization(`Bearer ${cut(token, ' ')}`), 'token-invalid'],
      ['a token over every length', () => authorization(`Bearer ${'a'.repeat(5000)}.b.c`), 'token-invalid'],
      ['truncated', (token) => bearer(token.slice(0, -1)), 'token-invalid'],
      ['without its signature', (token) => bearer(token.slice(0, token.lastIndexOf('.') + 1)), 'token-invalid'],
      [
        'with another person in it',
        (token) => bearer(withClaims(token, { public_id: 'someone-else', sub: 'someone-else' })),
        'token-invalid',
      ],
      [
        'made to last longer',
        (token) => bearer(withClaims(token, { exp: Number(partsOf(token).claims['exp']) + 86_400 })),
        'token-invalid',
      ],
      ['with a letter of its signature changed', (token) => bearer(withOtherSignature(token)), 'token-invalid'],
      ['signed by another key under our kid', (token) => bearer(signedByStranger(token, {})), 'token-invalid'],
      [
        'signed by a key that it brings along',
        (token) => bearer(signedByStranger(token, { jwk: strangersJwk })),
        'token-invalid',
      ],
      [
        'signed by a key it says where to fetch',
        (token) => bearer(signedByStranger(token, { jku: 'http://127.0.0.1:9/jwks' })),
        'token-invalid',
      ],
      ['signed by a key nobody knows', (token) => bearer(signedByStranger(token, { kid: 'nobody' })), 'token-invalid'],
      [
        'alg: none',
        (token) => bearer(`${unsigned({ ...partsOf(token).header, alg: 'none' }, partsOf(token).claims)}.`),
        'token-invalid',
      ],
      [
        'alg: NONE, with a signature',
        (token) => bearer(`${unsigned({ ...partsOf(token).header, alg: 'NONE' }, partsOf(token).claims)}.AA`),
        'token-invalid',
      ],
      [
        'alg: HS256, keyed with our public key',
        (token, key) => bearer(signedWithPublicKey(token, key)),
        'token-invalid',
      ],
      ['duplicated', (token) => [...bearer(token), ...bearer(token)], 'duplicate-authorization'],
      [
        'duplicated in another spelling',
        (token) => [...bearer(token), 'aUTHORIZATION', 'Bearer x'],
        'duplicate-authorization',
      ],
    ]
    const operations = [
      ['POST', '/auth/validate', 'auth-service'],
      ['POST', '/auth/logout', 'auth-service'],
      ['GET', '/users/profile', 'user-service'],
      ['PUT', '/users/profile', 'user-service'],
    ] as const
    for (const [name, make, code] of forms) {
      test(`${name}: ${code}, everywhere`, async () => {
        for (const [method, path, service] of operations) {
          for (const door of world().doorsTo(service)) {
            const answer = await door.ask(method, path, {
              headers: make(member.token, jwk),
              ...(method === 'PUT' ? { json: { bio: 'touched' } } : {}),
            })
            const speaker = code === 'duplicate-authorization' && isGateway(door) ? 'gateway' : 'service'
            expectProblem(answer, { ...expected[code], code, speaker })
            assert.match(
              answer.headers['www-authenticate'] ?? (speaker === 'gateway' ? 'Bearer' : ''),
              challenges[code],
            )
          }
        }
      })
    }

    test('the scheme may be written in any case', async () => {
      for (const scheme of ['bearer', 'BEARER', 'bEaReR']) {
        for (const door of world().doorsTo('auth-service')) {
          const { status } = await door.post('/auth/validate', { headers: authorization(`${scheme} ${member.token}`) })
          assert.equal(status, 200)
        }
        for (const door of world().doorsTo('user-service')) {
          const { status } = await door.get('/users/profile', { headers: authorization(`${scheme} ${member.token}`) })
          assert.equal(status, 200)
        }
      }
    })

    test('none of them changed anything: the session lives and the profile is untouched', async () => {
      const { gateway } = world()
      assert.equal((await gateway.post('/auth/validate', { bearer: member.token })).status, 200)
      const { json } = await gateway.get('/users/profile', { bearer: member.token })
      assert.deepEqual(json['profile'], { bio: 'untouched', avatar: null, preferences: {} })
    })

    const isGateway = (door: Client): boolean => [world().gateway, world().otherGateway].includes(door)
  })
}

type Code = keyof typeof expected
type Form = readonly [name: string, make: (token: string, jwk: JsonWebKey) => readonly string[], code: Code]

const expected = {
  'token-missing': { status: 401, title: 'Token is missing!' },
  'token-invalid': { status: 401, title: 'Invalid token!' },
  'duplicate-authorization': { status: 400 },
} as const

/** RFC 6750, section 3.1: nothing is said to be wrong with a token that was not sent. */
const challenges = {
  'token-missing': /^Bearer realm="[^"]+"$/,
  'token-invalid': /^Bearer realm="[^"]+", error="invalid_token", error_description="Invalid token!"$/,
  'duplicate-authorization': /^Bearer/,
} as const

const authorization = (value: string): readonly string[] => ['Authorization', value]
const bearer = (token: string): readonly string[] => authorization(`Bearer ${token}`)

const cut = (token: string, by: string): string => `${token.slice(0, 40)}${by}${token.slice(40)}`

const withClaims = (token: string, changed: Readonly<Record<string, unknown>>): string => {
  const { header, claims, signature } = partsOf(token)
  return `${unsigned(header, { ...claims, ...changed })}.${signature.toString('base64url')}`
}

const withOtherSignature = (token: string): string => {
  const at = token.length - 20
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const strangersJwk = stranger.publicKey.export({ format: 'jwk' })

const signedByStranger = (token: string, header: Readonly<Record<string, unknown>>): string => {
  const { header: own, claims } = partsOf(token)
  const signed = unsigned({ ...own, ...header }, claims)
  const signature = sign('sha256', Buffer.from(signed), { key: stranger.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

/** What a verifier falls for that takes the algorithm from the token and the key from the book. */
const signedWithPublicKey = (token: string, jwk: JsonWebKey): string => {
  const { header, claims } = partsOf(token)
  const signed = unsigned({ ...header, alg: 'HS256' }, claims)
  const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' })
  return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`
}
