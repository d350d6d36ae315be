import { deepEqual, equal, rejects } from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { remoteValidate } from './remote-validate.ts'
import { nobody, served } from './testing/served.ts'

const refused =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Refusal && error.code === code
const validateOf = (
  context: TestContext,
  urls: readonly string[],
  options: { readonly timeoutMs?: number; readonly waitingMax?: number } = {},
) => {
  const remote = remoteValidate({ urls, ...options })
  context.after(remote.close)
  return remote
}

test('a good token is good, and the question is the one of the contract', async (context) => {
  const { url, asked } = await served(context, (_req, res) => res.writeHead(200).end('{"valid":true}'))
  await validateOf(context, [url]).ask('a.b.c')
  deepEqual(asked, ['POST /auth/validate Bearer a.b.c'])
})

const answers: readonly (readonly [string, string, (res: ServerResponse) => void])[] = [
  ['a revoked token', 'token-revoked', (res) => res.writeHead(401).end('{"code":"token-revoked"}')],
  ['an expired token', 'token-expired', (res) => res.writeHead(401).end('{"code":"token-expired"}')],
  ['an invalid token', 'token-invalid', (res) => res.writeHead(401).end('{"code":"token-invalid"}')],
  ['a 401 of someone else', 'verification-unavailable', (res) => res.writeHead(401).end('<html>')],
  [
    'a 401 with a code of another kind',
    'verification-unavailable',
    (res) => res.writeHead(401).end('{"code":"internal-error"}'),
  ],
  ['a 404', 'verification-unavailable', (res) => res.writeHead(404).end()],
  ['a redirect', 'verification-unavailable', (res) => res.writeHead(307, { location: '/ok' }).end()],
  ['a 503', 'verification-unavailable', (res) => res.writeHead(503).end()],
  ['a 204', 'verification-unavailable', (res) => res.writeHead(204).end()],
  ['no answer', 'verification-unavailable', () => {}],
  ['half an answer', 'verification-unavailable', (res) => res.writeHead(200).write('{', () => res.destroy())],
  ['an answer without end', 'verification-unavailable', (res) => res.writeHead(200).write('x'.repeat(100_000))],
]
for (const [name, code, answer] of answers)
  test(`${name} is told as ${code}`, async (context) => {
    const { url } = await served(context, (_req, res) => answer(res))
    await rejects(validateOf(context, [url], { timeoutMs: 200 }).ask('a.b.c'), refused(code))
  })

test('a replica that is away, hangs or fails is passed over for the next', async (context) => {
  const hanging = await served(context, () => {})
  const failing = await served(context, (_req, res) => res.writeHead(503).end())
  const good = await served(context, (_req, res) => res.writeHead(200).end('{}'))
  const { ask } = validateOf(context, [nobody, hanging.url, failing.url, good.url], { timeoutMs: 900 })
  await ask('a.b.c')
  await ask('a.b.c')
  deepEqual([hanging.asked.length, failing.asked.length, good.asked.length], [1, 1, 2])
})

test('nobody can be reached: 503', async (context) => {
  await rejects(validateOf(context, [nobody]).ask('a.b.c'), refused('verification-unavailable'))
})

test('many callers share two questions, and none gets the answer to one asked before it came', async (context) => {
  const pending: ServerResponse[] = []
  const { url, asked } = await served(context, (_req, res) => void pending.push(res))
  const { ask } = validateOf(context, [url], { timeoutMs: 10_000 })
  const first = ask('a.b.c')
  await waitFor(() => pending.length === 1, { what: 'the first question' })
  // The session ends now: the first question has been asked, whoever comes from here on must hear of it.
  const later = Array.from({ length: 50 }, () => ask('a.b.c'))
  pending[0]?.writeHead(200).end('{}')
  await first
  await waitFor(() => pending.length === 2, { what: 'the second question' })
  pending[1]?.writeHead(401).end('{"code":"token-revoked"}')
  for (const one of later) await rejects(one, refused('token-revoked'))
  equal(asked.length, 2)
})

test('tokens asked about at once are bounded; past it the answer is an honest 503', async (context) => {
  const pending: ServerResponse[] = []
  const { url } = await served(context, (_req, res) => void pending.push(res))
  const { ask } = validateOf(context, [url], { waitingMax: 3, timeoutMs: 10_000 })
  const asking = ['a', 'b', 'c'].map(ask)
  await rejects(ask('d'), refused('verification-unavailable'))
  await waitFor(() => pending.length === 3, { what: 'three questions' })
  for (const res of pending) res.writeHead(200).end('{}')
  await Promise.all(asking)
  const after = ask('d')
  await waitFor(() => pending.length === 4, { what: 'the fourth' })
  pending[3]?.writeHead(200).end('{}')
  await after
})
