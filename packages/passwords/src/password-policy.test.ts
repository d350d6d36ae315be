import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { passwordPolicy } from './password-policy.ts'

const strict = passwordPolicy('strict')
const relaxed = passwordPolicy('relaxed')

const tooShort = (min: number) => `The password must have at least ${min} characters.`
const tooLong = 'The password must have at most 1024 characters.'
const tooCommon = 'The password is one of the ten thousand most common ones.'
const illFormed = 'The password must be well-formed Unicode text.'

test('characters are counted as people see code points, after normalisation', () => {
  const rows = [
    ['', tooShort(8), tooShort(6)],
    ['zkq4w', tooShort(8), tooShort(6)],
    ['zkq4wv', tooShort(8), undefined],
    ['zkq4wvu', tooShort(8), undefined],
    ['zkq4wvu8', undefined, undefined],
    ['😀'.repeat(5), tooShort(8), tooShort(6)],
    ['😀'.repeat(7), tooShort(8), undefined],
    ['😀'.repeat(8), undefined, undefined],
    // Eight code points as typed, four as hashed.
    ['e\u0301'.repeat(4), tooShort(8), tooShort(6)],
    ['e\u0301'.repeat(8), undefined, undefined],
    ['x'.repeat(1024), undefined, undefined],
    ['😀'.repeat(1024), undefined, undefined],
    ['x'.repeat(1025), tooLong, tooLong],
    ['        ', undefined, undefined],
    ['zkq4wvu\ud83d', illFormed, illFormed],
  ] as const
  for (const [password, underStrict, underRelaxed] of rows) {
    assert.equal(strict(password), underStrict, `strict: ${JSON.stringify(password).slice(0, 40)}`)
    assert.equal(relaxed(password), underRelaxed, `relaxed: ${JSON.stringify(password).slice(0, 40)}`)
  }
})

test('strict refuses the common ones in any case and normal form, relaxed does not', () => {
  for (const password of ['password', 'PassWord', '12345678', 'QWERTYUIOP', 'iloveyou', 'Trustno1', '\u212aingkong']) {
    assert.equal(strict(password), tooCommon, password)
    assert.equal(relaxed(password), undefined, password)
  }
  assert.equal(strict('password-of-a-house'), undefined)
})

test("the reference's own password passes relaxed and not strict", () => {
  assert.equal(relaxed('secret'), undefined)
  assert.equal(strict('secret'), tooShort(8))
})

test('every word of the list is refused', () => {
  for (const password of list()) assert.notEqual(strict(password), undefined, password)
})

test('the list is ten thousand different words in the form they are compared in', () => {
  const words = list()
  assert.equal(words.length, 10_000)
  assert.equal(new Set(words).size, 10_000)
  assert.deepEqual(
    words.filter((word) => word === '' || word !== word.normalize('NFC').toLowerCase().trim()),
    [],
  )
})

const list = (): readonly string[] =>
  readFileSync(new URL('common-passwords.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
