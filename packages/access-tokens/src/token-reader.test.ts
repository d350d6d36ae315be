import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { refuse, Refusal } from '@gatehouse/contract/refusals.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { keyPair, signToken } from './testing/signed-tokens.ts'
import { tokenReader } from './token-reader.ts'

const pair = keyPair('key-1')

const readerOf = (options: { readonly cacheMax?: number } = {}) => {
  const clock = movableClock()
  const keys = new Map([[pair.kid, pair.publicKey]])
  let asked = 0
  const find = (kid: string) => {
    asked += 1
    return keys.get(kid)
  }
  const reader = tokenReader({
    keys: { find, has: (kid) => keys.has(kid) },
    issuer: 'gatehouse',
    audience: 'gatehouse',
    clock,
    ...options,
  })
  return { reader, clock, keys, asked: () => asked }
}
const refused =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Refusal && error.code === code
/** Some refusals come at once and some after the signature: callers await both. */
const reading = async (reader: ReturnType<typeof readerOf>['reader'], token: string) => await reader.read(token)

test('a good token is read, the second time at once and without the key', async () => {
  const { reader, clock, asked } = readerOf()
  const token = await signToken(pair, clock.now(), { claims: { epoch: 4 } })
  const first = await reader.read(token)
  const iat = clock.now() / 1000
  deepEqual(first, {
    sub: 'user-1',
    public_id: 'user-1',
    sid: 'session-1',
    jti: 'token-1',
    iat,
    exp: iat + 3600,
    epoch: 4,
    kid: 'key-1',
    bearer: { userId: 'user-1', sessionId: 'session-1', tokenId: 'token-1', expiresAt: iat + 3600 },
  })
  equal(reader.read(`${token} `.trim()), first)
  equal(asked(), 1)
})

const now = movableClock().now()
const goodHead = { alg: 'ES256', typ: 'at+jwt', kid: 'key-1' }
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const [head = '', body = '', signature = ''] = (await signToken(pair, now)).split('.')
const publicPem = pair.publicKey.export({ format: 'pem', type: 'spki' })
const hmac = (text: string): string => `${text}.${createHmac('sha256', publicPem).update(text).digest('base64url')}`
const claimsWith = (changes: object): string =>
  encode({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), ...changes })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const sign = (changes: Parameters<typeof signToken>[2]): Promise<string> => signToken(pair, now, changes)

const bad: Readonly<Record<string, string>> = {
  'the empty string': '',
  'one part': head,
  'two parts': `${head}.${body}`,
  'no signature': `${head}.${body}.`,
  'four parts': `${head}.${body}.${signature}.x`,
  'five parts, as an encrypted token has': `${head}.${body}.${signature}.x.y`,
  'plain text': 'abc.def.ghi',
  'base64 that is not base64url': `${head}.${body}.${signature.slice(0, -2)}+/`,
  padding: `${head}.${body}.${signature}==`,
  'white space': ` ${head}.${body}.${signature}`,
  'a line break at the end': `${head}.${body}.${signature}\n`,
  'a header that is not JSON': `${Buffer.from('{').toString('base64url')}.${body}.${signature}`,
  'more than 4096 characters': `${head}.${body}${'A'.repeat(4096)}.${signature}`,
  'a truncated signature': `${head}.${body}.${signature.slice(0, -4)}`,
  'an empty ECDSA signature of zeroes': `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
  'a tampered payload': `${head}.${claimsWith({ public_id: 'user-2' })}.${signature}`,
  'a tampered expiry': `${head}.${claimsWith({ exp: 9_999_999_999 })}.${signature}`,
  'a tampered header': `${encode({ alg: 'ES256', typ: 'at+jwt', kid: 'key-1', x: 1 })}.${body}.${signature}`,
  'alg none, no signature': `${encode({ alg: 'none', typ: 'at+jwt', kid: 'key-1' })}.${body}.`,
  'alg none, some signature': `${encode({ alg: 'none', typ: 'at+jwt', kid: 'key-1' })}.${body}.${signature}`,
  'alg nOnE': `${encode({ alg: 'nOnE', typ: 'at+jwt', kid: 'key-1' })}.${body}.${signature}`,
  'HS256 under our public key': hmac(`${encode({ alg: 'HS256', typ: 'at+jwt', kid: 'key-1' })}.${body}`),
  'no alg': `${encode({ typ: 'at+jwt', kid: 'key-1' })}.${body}.${signature}`,
  'ES384 under another curve': await sign({ header: { alg: 'ES384' }, key: p384.privateKey }),
  'another key under our kid': await sign({ key: keyPair('x').privateKey }),
  'a kid that is not known': await sign({ header: { kid: 'key-2' } }),
  'a kid from the prototype': await sign({ header: { kid: '__proto__' } }),
  'no kid': await sign({ header: { kid: undefined } }),
  'an empty kid': await sign({ header: { kid: '' } }),
  'a kid of 300 characters': await sign({ header: { kid: 'k'.repeat(300) } }),
  'a kid that is a number': `${encode({ alg: 'ES256', typ: 'at+jwt', kid: 1 })}.${body}.${signature}`,
  'a key that it brings along': await sign({
    header: { jwk: keyPair('y').jwk, kid: 'y' },
    key: keyPair('y').privateKey,
  }),
  'an extension that must be understood': `${encode({ ...goodHead, crit: ['x'], x: 1 })}.${body}.${signature}`,
  'another typ': await sign({ header: { typ: 'JWT' } }),
  'no typ': await sign({ header: { typ: undefined } }),
  'another issuer': await sign({ claims: { iss: 'other' } }),
  'no issuer': await sign({ claims: { iss: undefined } }),
  'another audience': await sign({ claims: { aud: 'other' } }),
  'no audience': await sign({ claims: { aud: undefined } }),
  'another issuer, and expired': await sign({ claims: { iss: 'other', exp: 1 } }),
  'no expiry': await sign({ claims: { exp: undefined } }),
  'an expiry that is text': await sign({ claims: { exp: '9999999999' } }),
  'an expiry with a fraction': await sign({ claims: { exp: 9_999_999_999.5 } }),
  'no sub': await sign({ claims: { sub: undefined } }),
  'no public_id': await sign({ claims: { public_id: undefined } }),
  'no sid': await sign({ claims: { sid: undefined } }),
  'a sid that is a list': await sign({ claims: { sid: ['session-1'] } }),
  'an empty sid': await sign({ claims: { sid: '' } }),
  'no jti': await sign({ claims: { jti: undefined } }),
  'no iat': await sign({ claims: { iat: undefined } }),
  'no epoch': await sign({ claims: { epoch: undefined } }),
  'an epoch that is text': await sign({ claims: { epoch: '9' } }),
  'a negative epoch': await sign({ claims: { epoch: -1 } }),
}
for (const [name, token] of Object.entries(bad))
  test(`refused as token-invalid: ${name}`, async () => {
    const { reader } = readerOf()
    await rejects(reading(reader, token), refused('token-invalid'))
    await rejects(reading(reader, token), refused('token-invalid'), 'and again, from no cache')
  })

const unreadable = ['the empty string', 'two parts', 'four parts', 'more than 4096 characters']

test('what cannot be a token costs no look at a key', async () => {
  const { reader, asked } = readerOf()
  for (const name of [...unreadable, 'no kid', 'an empty kid', 'a kid of 300 characters', 'a kid that is a number'])
    await rejects(reading(reader, bad[name] ?? ''), refused('token-invalid'))
  equal(asked(), 0)
})

test('a token is expired from the second of its exp on, known or not', async () => {
  const { reader, clock } = readerOf()
  const token = await signToken(pair, clock.now())
  const other = await signToken(pair, clock.now(), { claims: { jti: 'other' } })
  await reader.read(token)
  clock.advance(3_599_999)
  ok(reader.read(token))
  clock.advance(1)
  throws(() => reader.read(token), refused('token-expired'))
  await rejects(reading(reader, other), refused('token-expired'))
})

test('a token dies with its key, though it has been verified before', async () => {
  const { reader, clock, keys } = readerOf()
  const token = await signToken(pair, clock.now())
  await reader.read(token)
  keys.delete(pair.kid)
  throws(() => reader.read(token), refused('token-invalid'))
  keys.set(pair.kid, pair.publicKey)
  ok(await reader.read(token))
})

test('keys that cannot be had are a 503, not a verdict on the token', async () => {
  const find = async (): Promise<undefined> => {
    throw refuse('verification-unavailable')
  }
  const reader = tokenReader({
    keys: { find, has: () => false },
    issuer: 'gatehouse',
    audience: 'gatehouse',
    clock: movableClock(),
  })
  await rejects(reading(reader, `${head}.${body}.${signature}`), refused('verification-unavailable'))
})

test('the cache is bounded, and what is used stays in it', async () => {
  const { reader, clock, asked } = readerOf({ cacheMax: 20 })
  const used = await signToken(pair, clock.now())
  await reader.read(used)
  for (let number = 0; number < 100; number += 1) {
    await reader.read(await signToken(pair, clock.now(), { claims: { jti: `token-${number}` } }))
    ok(!(reader.read(used) instanceof Promise))
  }
  equal(asked(), 101)
  const first = reader.read(await signToken(pair, clock.now(), { claims: { jti: 'token-0' } }))
  ok(first instanceof Promise)
  await first
})
