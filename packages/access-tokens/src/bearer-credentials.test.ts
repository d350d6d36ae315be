import { equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import { bearerToken, rememberedBearerToken } from './bearer-credentials.ts'

const good: readonly (readonly [string, readonly string[]])[] = [
  ['the usual form', ['Host', 'x', 'Authorization', 'Bearer a.b-c_d.e']],
  ['another case of name and scheme', ['AUTHORIZATION', 'bEARER a.b-c_d.e']],
  ['several spaces after the scheme', ['authorization', 'Bearer   a.b-c_d.e']],
  ['a header whose value is called authorization', ['x', 'authorization', 'Authorization', 'Bearer a.b-c_d.e']],
]
const remembered = rememberedBearerToken()
/** As it is found, as it is found the first time and as it is remembered. */
const ways = [bearerToken, remembered, remembered]
for (const [name, headers] of good) {
  test(`${name} gives the token`, () => {
    for (const tokenOf of ways) equal(tokenOf(headers), 'a.b-c_d.e')
  })
}

test('one is not taken for another, however many there are', () => {
  for (const round of [1, 2]) {
    for (let nth = 0; nth < 5_000; nth += 1) {
      // As long as ours, which have the same beginning; at the end too, for who makes them up chooses it.
      for (const token of [`t${nth}`, `${'a'.repeat(280)}${nth}${'z'.repeat(280)}`])
        equal(remembered(['Authorization', `Bearer ${token}`]), token, `round ${round}`)
    }
  }
  const long = 'x'.repeat(2_000)
  equal(remembered(['Authorization', `Bearer ${long}`]), long)
})

test('every character of a b64token is taken, padding only at the end', () => {
  equal(bearerToken(['authorization', 'Bearer aZ09-._~+/==']), 'aZ09-._~+/==')
})

const bad: readonly (readonly [string, string, readonly string[]])[] = [
  ['no headers', 'token-missing', []],
  [
    'no Authorization',
    'token-missing',
    ['Host', 'x', 'Authorization-Info', 'Bearer abc', 'authorizatioN2', 'Bearer abc'],
  ],
  ['an empty Authorization', 'token-missing', ['Authorization', '']],
  ['a scheme alone', 'token-missing', ['Authorization', 'Bearer']],
  ['a scheme and spaces', 'token-missing', ['Authorization', 'Bearer   ']],
  ['two of them', 'duplicate-authorization', ['Authorization', 'Bearer abc', 'authorization', 'Bearer abc']],
  ['two of them, the first empty', 'duplicate-authorization', ['Authorization', '', 'Authorization', 'Bearer abc']],
  ['another scheme', 'token-invalid', ['Authorization', 'Basic YTpi']],
  ['a scheme that only begins so', 'token-invalid', ['Authorization', 'Bearerer abc']],
  ['no space after the scheme', 'token-invalid', ['Authorization', 'Bearerabc']],
  ['a tab after the scheme', 'token-invalid', ['Authorization', 'Bearer\tabc']],
  ['the scheme further in', 'token-invalid', ['Authorization', 'x Bearer abc']],
  ['the scheme twice', 'token-invalid', ['Authorization', 'Bearer Bearer abc']],
  ['a space before the scheme', 'token-invalid', ['Authorization', ' Bearer abc']],
  ['a space inside', 'token-invalid', ['Authorization', 'Bearer abc def']],
  ['a space after it', 'token-invalid', ['Authorization', 'Bearer abc ']],
  ['a list', 'token-invalid', ['Authorization', 'Bearer abc, Bearer def']],
  ['padding inside', 'token-invalid', ['Authorization', 'Bearer ab=c']],
  ['a letter that is not ASCII', 'token-invalid', ['Authorization', 'Bearer abé']],
  ['a letter that looks like one after folding', 'token-invalid', ['Authorization', 'Bearer ab\u212a']],
  ['a line break', 'token-invalid', ['Authorization', 'Bearer abc\n']],
]
for (const [name, code, headers] of bad)
  test(`${name} is ${code}`, () => {
    for (const tokenOf of ways) {
      throws(
        () => tokenOf(headers),
        (error) => error instanceof Refusal && error.code === code,
      )
    }
  })
