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
  return [...exchange.clientFields.flat, ...exchange.headers]
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

/** How a CGI-like server may be made to read a name: any case, and for each dash any sign that a name may have. */
const spelling = (...names: readonly string[]) =>
  fastCheck
    .tuple(
      fastCheck.constantFrom(...names),
      fastCheck.array(fastCheck.boolean(), { minLength: 32, maxLength: 32 }),
      fastCheck.array(fastCheck.constantFrom(...Array.from("-_.~!#$%&'*+^`|")), { minLength: 8, maxLength: 8 }),
    )
    .map(([name, upper, signs]) => {
      let dashes = 0
      return Array.from(name)
        .map((letter, at) => {
          if (letter === '-') return signs[(dashes += 1)] ?? '-'
          return upper[at] === true ? letter.toUpperCase() : letter
        })
        .join('')
    })

const holds = <Given>(given: fastCheck.Arbitrary<Given>, check: (given: Given) => void): void =>
  fastCheck.assert(fastCheck.property(given, check))

test('no spelling of what only we may say gets through', () => {
  const ours = spelling('x-user-id', 'x-session-id', 'x-request-id', 'x-real-ip', 'x-forwarded-for', 'x-forwarded-port')
  holds(ours, (name) => assert.deepEqual(sentOn(name, 'mallory'), onlyOurs))
})

test('no spelling of what frames a message or belongs to its connection gets through', () => {
  const names = spelling('transfer-encoding', 'proxy-connection', 'proxy-authorization', 'keep-alive')
  holds(names, (name) => assert.deepEqual(sentOn(name, 'mallory'), onlyOurs))
  // The framing of the message itself, and only in its own spelling, is passed on to be checked against the body.
  holds(spelling('content-length'), (name) => {
    const kept = name.toLowerCase() === 'content-length' ? [name, '5'] : []
    assert.deepEqual(sentOn(name, '5'), [...kept, ...onlyOurs])
  })
})

test('whatever Connection names is gone, in any case, wherever it stands, and nothing else is', () => {
  const letters = fastCheck.constantFrom(...Array.from('abcXYZ019'))
  const name = fastCheck.string({ unit: letters, minLength: 1, maxLength: 12 }).map((rest) => `x-f-${rest}`)
  const given = fastCheck.tuple(fastCheck.uniqueArray(name, { selector: (one) => one.toLowerCase() }), fastCheck.nat())
  holds(given, ([names, seed]) => {
    const isNamed = (_: string, at: number): boolean => ((seed >> (at % 30)) & 1) === 1
    const named = names.filter(isNamed).map((one) => one.toUpperCase())
    const fields = names.flatMap((one) => [one, '1'])
    const kept = names.filter((one, at) => !isNamed(one, at)).flatMap((one) => [one, '1'])
    assert.deepEqual(sentOn(...fields, 'Connection', ` ${named.join(' ,\t')} `), [...kept, ...onlyOurs])
    assert.deepEqual(sentOn('connection', named.join(','), ...fields), [...kept, ...onlyOurs])
  })
})
