import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import { exchangeFor } from '../testing.ts'
import { checks, refuseWhatIsMalformed } from './refuse-what-is-malformed.ts'

const host = ['Host', 'gate.test'] as const

type Asked = Parameters<typeof exchangeFor>[0]

const refused: readonly (readonly [check: string, asked: Asked])[] = [
  ['TRACE and CONNECT are not forwarded', { method: 'TRACE' }],
  ['TRACE and CONNECT are not forwarded', { method: 'CONNECT', target: 'gate.test:80' }],
  ['a method of another protocol', { method: 'DESCRIBE', httpVersion: '1.0' }],
  ['more than 256 fields', { headers: Array<string>(600).fill('a') }],
  ['an expectation other than 100-continue', { headers: [...host, 'Expect', 'miracles'] }],
  ['an expectation other than 100-continue', { headers: [...host, 'Expect', '100-continue, miracles'] }],
  ['unknown HTTP version', { httpVersion: '0.9' }],
  ['unknown HTTP version', { httpVersion: '1.2' }],
  [
    'both Content-Length and Transfer-Encoding',
    { headers: [...host, 'Content-Length', '5', 'Transfer-Encoding', 'chunked'] },
  ],
  ['more than one Content-Length', { headers: [...host, 'Content-Length', '5', 'content-length', '5'] }],
  ['a Content-Length that not every reader can count to', { headers: [...host, 'Content-Length', '1'.repeat(16)] }],
  ['Transfer-Encoding in HTTP/1.0', { httpVersion: '1.0', headers: ['Transfer-Encoding', 'chunked'] }],
  ['Transfer-Encoding other than chunked', { headers: [...host, 'Transfer-Encoding', 'gzip, chunked'] }],
  ['Transfer-Encoding other than chunked', { headers: [...host, 'Transfer-Encoding', 'identity'] }],
  ['Transfer-Encoding other than chunked', { headers: [...host, 'Transfer-Encoding', ''] }],
  [
    'Transfer-Encoding other than chunked',
    { headers: [...host, 'Transfer-Encoding', 'chunked', 'transfer-encoding', 'chunked'] },
  ],
  ['Connection names a field that is meant for the end', { headers: [...host, 'Connection', 'close, Content-Length'] }],
  ['Connection names a field that is meant for the end', { headers: [...host, 'Connection', 'authorization'] }],
  ['more than one Host', { headers: [...host, 'host', 'other.test'] }],
  ['Host is missing', { headers: [] }],
  ['Host is not a host', { headers: ['Host', ''] }],
  ['Host is not a host', { headers: ['Host', 'a.test, b.test'] }],
  ['Host is not a host', { headers: ['Host', 'user@gate.test'] }],
  ['Host is not a host', { headers: ['Host', 'gate.test/auth'] }],
  ['request target over 8192 bytes', { target: `/${'a'.repeat(8192)}` }],
  ['fragment in the request target', { target: '/auth#/users' }],
  ['fragment in the request target', { target: '/auth?a#b' }],
  ['request target of an unknown form', { target: 'auth' }],
  ['request target of an unknown form', { target: 'ftp://gate.test/' }],
  ['request target of an unknown form', { target: '' }],
  ['asterisk without OPTIONS', { target: '*' }],
  ['request target and Host disagree', { target: 'http://other.test/auth' }],
  ['request target and Host disagree', { target: 'http://user@gate.test/auth' }],
  ['bad percent-encoding in the path', { target: '/auth/%' }],
  ['bad percent-encoding in the path', { target: '/auth/%4' }],
  ['bad percent-encoding in the path', { target: '/auth/%zz' }],
  ['backslash in the path', { target: '/auth\\events' }],
  ['empty segment in the path', { target: '//auth' }],
  ['empty segment in the path', { target: '/auth//events' }],
  ['dot segment in the path', { target: '/auth/../users' }],
  ['dot segment in the path', { target: '/auth/.' }],
  ['dot segment in the path', { target: '/auth/..;/users' }],
  ['encoded slash, backslash, dot or control character in the path', { target: '/auth%2Fevents' }],
  ['encoded slash, backslash, dot or control character in the path', { target: '/auth/%2e%2e/users' }],
  ['encoded slash, backslash, dot or control character in the path', { target: '/auth%5cevents' }],
  ['encoded slash, backslash, dot or control character in the path', { target: '/auth/%00' }],
  ['encoded slash, backslash, dot or control character in the path', { target: '/auth/%0d%0aX:1' }],
  ['more than one Authorization', { headers: [...host, 'Authorization', 'Bearer a', 'authorization', 'Bearer b'] }],
]

for (const [check, asked] of refused) {
  test(`refused: ${check}: ${JSON.stringify(asked)}`, () => {
    assert.throws(
      () => refuseWhatIsMalformed(exchangeFor(asked)),
      (error) => error instanceof Refusal && error.particulars.detail === check,
    )
  })
}

test('every check has a request that it refuses', () => {
  assert.deepEqual(new Set(refused.map(([check]) => check)), new Set(checks.map(({ name }) => name)))
})

for (const [asked, path, query] of [
  [{ target: '/' }, '/', ''],
  [{ target: '/auth/login?next=%2F..%2F&x=//' }, '/auth/login', '?next=%2F..%2F&x=//'],
  [{ target: '/a/b?' }, '/a/b', '?'],
  [{ target: '/blog/caf%C3%A9/%20a;v=1,2' }, '/blog/caf%C3%A9/%20a;v=1,2', ''],
  [{ target: '/.well-known/jwks.json' }, '/.well-known/jwks.json', ''],
  [{ target: '/a/...' }, '/a/...', ''],
  [{ target: '/%61uth/%65vents/%7Eada' }, '/auth/events/~ada', ''],
  [{ target: 'http://GATE.test/auth?a=1' }, '/auth', '?a=1'],
  [{ target: 'http://gate.test' }, '/', ''],
  [{ target: 'http://gate.test?a' }, '/', '?a'],
  [{ target: '*', method: 'OPTIONS' }, '*', ''],
  [{ httpVersion: '1.0', headers: [] }, '/', ''],
  [{ httpVersion: '2' }, '/', ''],
  [{ headers: ['Host', '[::1]:8000'] }, '/', ''],
  [{ headers: [...host, 'Expect', '100-Continue'] }, '/', ''],
  [{ httpVersion: '1.0', headers: ['Expect', 'miracles'] }, '/', ''],
  [{ headers: [...host, 'Transfer-Encoding', 'Chunked'] }, '/', ''],
  [{ headers: [...host, 'Connection', 'keep-alive, X-Mine'] }, '/', ''],
] as const) {
  test(`accepted: ${JSON.stringify(asked)}`, () => {
    const exchange = exchangeFor(asked)
    refuseWhatIsMalformed(exchange)
    assert.deepEqual([exchange.path, exchange.query], [path, query])
  })
}
