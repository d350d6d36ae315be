import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, Refusal } from '@gatehouse/contract/refusals.ts'
import { movableClock } from '@gatehouse/testing/movable-clock.ts'
import { revocations } from './revocations.ts'
import { keyPair, signToken } from './testing/signed-tokens.ts'
import { tokenReader } from './token-reader.ts'
import { accessTokenVerifier } from './verifier.ts'

const pair = keyPair('key-1')
const refused =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Refusal && error.code === code

const verifierOf = () => {
  const clock = movableClock()
  const known = revocations({ clock, maxStalenessMs: 5000 })
  const keys = { find: () => pair.publicKey, has: (kid: string) => kid === pair.kid }
  const reader = tokenReader({ keys, issuer: 'gatehouse', audience: 'gatehouse', clock })
  const asked: string[] = []
  const answer: { refusal: Refusal | undefined } = { refusal: undefined }
  const ask = async (token: string): Promise<void> => {
    asked.push(token)
    if (answer.refusal !== undefined) throw answer.refusal
  }
  known.receive({ type: 'caught-up', resume: 0 })
  known.receive({ type: 'heartbeat', resume: 0 })
  const end = (session_id: string): void =>
    known.receive({
      type: 'event',
      resume: 1,
      event: { type: 'session.ended', seq: 1, at: 0, user_id: 'user-1', session_id, until: clock.now() + 3_600_000 },
    })
  return { clock, known, asked, answer, end, verifier: accessTokenVerifier({ reader, revocations: known, ask }) }
}

test('within the lease a known token is verified at once, and nobody is asked', async () => {
  const { verifier, clock, asked } = verifierOf()
  const token = await signToken(pair, clock.now())
  const bearer = await verifier.verify(token)
  deepEqual(bearer, {
    userId: 'user-1',
    sessionId: 'session-1',
    tokenId: 'token-1',
    expiresAt: clock.now() / 1000 + 3600,
  })
  equal(verifier.verify(token), bearer)
  deepEqual(asked, [])
})

test('a session that ends is refused from that very moment on, though its token was good a moment ago', async () => {
  const { verifier, clock, end } = verifierOf()
  const token = await signToken(pair, clock.now())
  await verifier.verify(token)
  end('session-1')
  throws(() => verifier.verify(token), refused('token-revoked'))
})

test('a session that ends while its token is verified for the first time is refused', async () => {
  const { verifier, clock, end } = verifierOf()
  const verifying = verifier.verify(await signToken(pair, clock.now()))
  ok(verifying instanceof Promise)
  end('session-1')
  await rejects(verifying, refused('token-revoked'))
})

test('after the lease auth-service is asked about every token, and its word is given', async () => {
  const { verifier, clock, asked, answer } = verifierOf()
  const token = await signToken(pair, clock.now())
  const bearer = await verifier.verify(token)
  clock.advance(5001)
  equal(await verifier.verify(token), bearer)
  equal(await verifier.verify(token), bearer)
  deepEqual(asked, [token, token])
  for (const code of ['token-revoked', 'verification-unavailable'] as const) {
    answer.refusal = refuse(code)
    await rejects(async () => await verifier.verify(token), refused(code))
  }
})

test('after the lease what is known to be wrong is refused without asking', async () => {
  const { verifier, clock, asked, end } = verifierOf()
  const token = await signToken(pair, clock.now())
  await verifier.verify(token)
  end('session-1')
  clock.advance(5001)
  throws(() => verifier.verify(token), refused('token-revoked'))
  await rejects(async () => await verifier.verify('x.y.z'), refused('token-invalid'))
  clock.advance(3_600_000)
  throws(() => verifier.verify(token), refused('token-expired'))
  deepEqual(asked, [])
})

test('the lease begins again with the next heartbeat', async () => {
  const { verifier, clock, asked, known } = verifierOf()
  const token = await signToken(pair, clock.now())
  clock.advance(5001)
  await verifier.verify(token)
  known.receive({ type: 'heartbeat', resume: 1 })
  ok(!(verifier.verify(token) instanceof Promise))
  equal(asked.length, 1)
})
