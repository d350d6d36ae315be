import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { remoteKeys } from './remote-keys.ts'
import { nobody, served } from './testing/served.ts'
import { keyPair, signToken } from './testing/signed-tokens.ts'
import { tokenReader } from './token-reader.ts'

const [one, two, three] = [keyPair('one'), keyPair('two'), keyPair('three')]
const request = 'GET /auth/.well-known/jwks.json'
const refused =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Refusal && error.code === code

const keysOf = (
  context: TestContext,
  urls: readonly string[],
  options: { readonly refreshMs?: number; readonly timeoutMs?: number } = {},
) => {
  const clock = movableClock()
  const told: string[] = []
  const tell = (_event: object, text: string): void => void told.push(text)
  const keys = remoteKeys({ urls, clock, log: { debug: tell, info: tell, warn: tell, error: tell }, ...options })
  context.after(keys.stop)
  return { keys, clock, told }
}

/** An auth-service with a key set that the test changes; undefined: it answers 503. */
const authOf = async (context: TestContext) => {
  const state: { body: unknown } = { body: { keys: [one.jwk, two.jwk] } }
  const { url, asked } = await served(context, (_req, res) => {
    if (state.body === undefined) res.writeHead(503).end()
    else res.writeHead(200).end(JSON.stringify(state.body))
  })
  return { url, asked, state }
}

test('a token is verified with a published key, and dies when the key is taken away', async (context) => {
  const { url, asked, state } = await authOf(context)
  const { keys, clock } = keysOf(context, [nobody, url], { refreshMs: 10 })
  await keys.start()
  const reader = tokenReader({ keys, issuer: 'gatehouse', audience: 'gatehouse', clock })
  const token = await signToken(one, clock.now())
  equal((await reader.read(token)).kid, 'one')
  ok(!(reader.read(token) instanceof Promise))
  state.body = { keys: [two.jwk] }
  await waitFor(() => !keys.has('one'), { what: 'the next reading of the keys' })
  await rejects(async () => await reader.read(token), refused('token-invalid'))
  deepEqual(new Set(asked), new Set([request]))
})

test('unknown kids cause one request in a cool-down, however many ask at once', async (context) => {
  const { url, asked, state } = await authOf(context)
  const { keys, clock } = keysOf(context, [url])
  await keys.start()
  equal(asked.length, 1)
  const flood = (): Promise<unknown> =>
    Promise.all(Array.from({ length: 200 }, async (_, at) => await keys.find(`unknown-${at}`)))
  await flood()
  equal(asked.length, 1)
  state.body = { keys: [one.jwk, two.jwk, three.jwk] }
  equal(await keys.find('three'), undefined)
  clock.advance(2000)
  await flood()
  equal(asked.length, 2)
  ok(await keys.find('three'))
  await flood()
  equal(asked.length, 2)
})

test('while auth-service is away known keys are kept, and an unknown one is no verdict', async (context) => {
  const { url, state } = await authOf(context)
  const { keys, clock, told } = keysOf(context, [url], { refreshMs: 5 })
  await keys.start()
  state.body = undefined
  await waitFor(() => told.length === 1, { what: 'the word of the outage' })
  clock.advance(2000)
  ok(keys.has('one'))
  ok(await keys.find('one'))
  await rejects(async () => await keys.find('three'), refused('verification-unavailable'))
  state.body = { keys: [three.jwk] }
  await waitFor(() => keys.has('three'), { what: 'the return' })
  deepEqual([keys.has('one'), told.length], [false, 2])
})

test('start waits until the keys could be read once', async (context) => {
  const { url, asked, state } = await authOf(context)
  state.body = undefined
  const { keys } = keysOf(context, [url])
  let isStarted = false
  const starting = keys.start().then(() => (isStarted = true))
  await waitFor(() => asked.length >= 2, { what: 'the first attempt' })
  equal(isStarted, false)
  state.body = { keys: [one.jwk] }
  await starting
  ok(keys.has('one'))
})

const nonsense: readonly (readonly [string, unknown])[] = [
  ['not an object', 'keys'],
  ['null', null],
  ['no keys', {}],
  ['keys that are no list', { keys: {} }],
  ['a key that is no point of the curve', { keys: [{ ...one.jwk, y: one.jwk.x }] }],
  ['a hundred keys', { keys: Array.from({ length: 100 }, (_, at) => ({ ...one.jwk, kid: `kid-${at}` })) }],
  ['more than 64 KB', { keys: [one.jwk], padding: 'x'.repeat(70_000) }],
]
for (const [name, body] of nonsense)
  test(`a key set that is ${name} changes nothing`, async (context) => {
    const { url, asked, state } = await authOf(context)
    const { keys, told } = keysOf(context, [url], { refreshMs: 5 })
    await keys.start()
    state.body = body
    const before = asked.length
    await waitFor(() => asked.length > before + 2, { what: 'a few readings' })
    deepEqual([keys.has('one'), keys.has('two'), told.length], [true, true, 1])
  })

test('keys of other kinds are passed over, and a private half is not taken in', async (context) => {
  const { url, state } = await authOf(context)
  const secret = one.privateKey.export({ format: 'jwk' })
  state.body = {
    keys: [
      null,
      1,
      { kty: 'RSA', kid: 'rsa' },
      { ...two.jwk, crv: 'P-384' },
      { ...two.jwk, alg: 'none' },
      { ...one.jwk, d: secret.d },
    ],
  }
  const { keys } = keysOf(context, [url])
  await keys.start()
  deepEqual([keys.has('one'), keys.has('two'), keys.has('rsa')], [true, false, false])
  equal((await keys.find('one'))?.type, 'public')
})

test('a replica that hangs is passed over', async (context) => {
  const hanging = await served(context, () => {})
  const { url } = await authOf(context)
  const { keys } = keysOf(context, [hanging.url, url], { timeoutMs: 400 })
  await keys.start()
  ok(keys.has('one'))
  equal(hanging.asked.length, 1)
})
