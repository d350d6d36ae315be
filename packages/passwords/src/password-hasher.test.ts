import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import argon2 from '@node-rs/argon2'
import { passwordHasher } from './password-hasher.ts'

const hasher = passwordHasher({ permits: 2, queueMax: 100, bytes: randomBytes })
const password = 'correct horse battery staple'
const stored = await hasher.hash(password)

const b64 = (length: number): string => Buffer.alloc(length, 7).toString('base64').replaceAll('=', '')

test('a hash is argon2id with 19 MiB, 2 passes and 1 lane, as a PHC string with its own salt', async () => {
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.notEqual(stored, await hasher.hash(password))
})

test('the salt is what the randomness gives', async () => {
  const foreseen = passwordHasher({ permits: 1, queueMax: 0, bytes: (length) => Buffer.alloc(length, 7) })
  assert.ok((await foreseen.hash(password)).startsWith(`$argon2id$v=19$m=19456,t=2,p=1$${b64(16)}$`))
})

test('the password is ok, and any other is not', async () => {
  assert.deepEqual(await hasher.verify(stored, password), { ok: true, weak: false })
  for (const other of ['', 'Correct horse battery staple', `${password} `, `${password}\0`, password.slice(0, -1)]) {
    assert.deepEqual(await hasher.verify(stored, other), { ok: false, weak: false }, JSON.stringify(other))
  }
})

test('one password typed on two keyboards is one password', async () => {
  const composed = 'caf\u00e9 au lait'
  const decomposed = 'cafe\u0301 au lait'
  assert.equal((await hasher.verify(await hasher.hash(composed), decomposed)).ok, true)
  assert.equal((await hasher.verify(await hasher.hash(decomposed), composed)).ok, true)
})

test('an account that does not exist is never ok, whatever is tried', async () => {
  for (const tried of ['', password, 'undefined']) {
    assert.deepEqual(await hasher.verify(undefined, tried), { ok: false, weak: false })
  }
})

test('an account that does not exist takes a permit for as long as one that does', async () => {
  const single = passwordHasher({ permits: 1, queueMax: 0, bytes: randomBytes })
  for (const account of [stored, undefined]) {
    const first = single.verify(account, password)
    await assert.rejects(single.verify(account, password), { code: 'hashing-busy' })
    await first
  }
})

// Nanoseconds against milliseconds if the work were left out: the bounds are wide because the machine is shared, and
// still far from that.
test('an account that does not exist takes as long as a wrong password', async () => {
  const timed = async (account: string | undefined): Promise<number> => {
    const start = performance.now()
    await hasher.verify(account, 'wrong')
    return performance.now() - start
  }
  const known: number[] = []
  const unknown: number[] = []
  for (let pair = 0; pair < 21; pair += 1) {
    known.push(await timed(stored))
    unknown.push(await timed(undefined))
  }
  const median = (times: number[]): number => times.toSorted((a, b) => a - b)[10] ?? Number.NaN
  const ratio = median(unknown) / median(known)
  assert.ok(ratio > 0.5 && ratio < 2, `unknown / known = ${ratio}`)
})

test("a hash made with less than today's cost is ok and weak; one made with more is not weak", async () => {
  const rows = [
    { weak: true, memoryCost: 9_728 },
    { weak: true, timeCost: 1 },
    { weak: true, outputLen: 16 },
    { weak: true, salt: Buffer.alloc(8, 1) },
    { weak: true, algorithm: 1 },
    { weak: true, version: 0 },
    { weak: false, memoryCost: 24_576 },
    { weak: false, timeCost: 3 },
    { weak: false, parallelism: 2 },
  ] as const
  for (const { weak, ...different } of rows) {
    const older = await argon2.hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1, ...different })
    assert.deepEqual(await hasher.verify(older, password), { ok: true, weak }, older)
    assert.deepEqual(await hasher.verify(older, 'wrong'), { ok: false, weak }, older)
  }
})

test('a damaged stored hash is an error that does not show it, and it costs no permit', async () => {
  const single = passwordHasher({ permits: 1, queueMax: 0, bytes: randomBytes })
  const damaged = [
    '',
    'secret',
    '$2b$10$abcdefghijklmnopqrstuu',
    stored.slice(0, 40),
    `${stored}!`,
    stored.replace('m=19456', 'm=1'),
  ]
  for (const row of damaged) {
    await assert.rejects(single.verify(row, password), (error: Error) => {
      assert.equal(error.message, 'a stored password hash is not an argon2 PHC string')
      assert.equal(error.cause, undefined)
      return true
    })
  }
  assert.equal((await single.verify(stored, password)).ok, true)
})
