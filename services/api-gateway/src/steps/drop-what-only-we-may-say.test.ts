import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastCheck from 'fast-check'
import { exchangeFor } from '../testing.ts'
import { dropWhatOnlyWeMaySay } from './drop-what-only-we-may-say.ts'

const sentOn = (...headers: readonly string[]): readonly string[] => {
  const exchange = exchangeFor({ headers })
  exchange.requestId = 'r-1'
  exchange.traceparent = '00-1-2-01'
  dropWhatOnlyWeMaySay(exchange)
  return exchange.headers
}

const onlyOurs = ['x-request-id', 'r-1', 'traceparent', '00-1-2-01']

for (const name of [
  'x-user-id',
  'X-User-Id',
  'X_USER_ID',
  'x-user_id',
  'X.User.Id',
  'x~user~id',
  'X-Session-ID',
  'x_session_id',
  'X-Request-Id',
  'Forwarded',
  'X-Forwarded-For',
  'x_forwarded_for',
  'X-Forwarded-Anything',
  'X-Real-IP',
  'Traceparent',
  'tracestate',
]) {
  test(`the client's ${name} is dropped, also when it is said twice`, () => {
    assert.deepEqual(sentOn(name, 'mallory', name.toUpperCase(), 'mallory'), onlyOurs)
  })
}

for (const name of [
  'Connection',
  'Keep-Alive',
  'Proxy-Connection',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'TE',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'Expect',
  'Host',
]) {
  test(`${name} stays on the client's connection`, () => assert.deepEqual(sentOn(name, 'x'), onlyOurs))
}

test('a field that Connection names stays on the connection, whatever its case and place', () => {
  const headers = [
    'Connection',
    'close, X-Mine',
    'x-mine',
    '1',
    'CONNECTION',
    ' x-Other ',
    'X-Other',
    '2',
    'X-Third',
    '3',
  ]
  assert.deepEqual(sentOn(...headers), ['X-Third', '3', ...onlyOurs])
})

test('all else passes as it came: order, case, repetitions, cookies, odd names', () => {
  const headers = [
    'Cookie',
    'a=1',
    'ACCEPT',
    '*/*',
    'cookie',
    'b=2',
    '__proto__',
    'x',
    'X-User-Id-2',
    'y',
    'authorization',
    'Bearer t',
  ]
  assert.deepEqual(sentOn(...headers), [...headers, ...onlyOurs])
})

test('no spelling of an identity field gets through', () => {
  const choices = fastCheck.array(fastCheck.boolean(), { minLength: 12, maxLength: 12 })
  const spelling = fastCheck.tuple(fastCheck.constantFrom('x-user-id', 'x-session-id'), choices).map(([name, chosen]) =>
    Array.from(name)
      .map((letter, at) => (chosen[at] === true ? (letter === '-' ? '_' : letter.toUpperCase()) : letter))
      .join(''),
  )
  fastCheck.assert(fastCheck.property(spelling, (name) => assert.deepEqual(sentOn(name, 'mallory'), onlyOurs)))
})
