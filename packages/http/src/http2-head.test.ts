import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import { headOf } from './http2-head.ts'

const pseudo = [':method', 'POST', ':scheme', 'https', ':path', '/a?b', ':authority', 'gate.test']

const said = (more: readonly string[], { hasBody = false, bytesMax = 1_000 } = {}) =>
  headOf([...pseudo, ...more], { hasBody, bytesMax })

test('the pseudo-header fields become what HTTP/1.1 has for them', () => {
  assert.deepEqual(said(['x-a', '1', 'x-a', '2']), {
    method: 'POST',
    target: '/a?b',
    rawHeaders: ['host', 'gate.test', 'x-a', '1', 'x-a', '2'],
  })
})

for (const [what, more, options, fields] of [
  ['a host that says the same is said once', ['host', 'gate.test'], {}, ['host', 'gate.test']],
  [
    'a host that says another is left to be refused',
    ['host', 'evil.test'],
    {},
    ['host', 'gate.test', 'host', 'evil.test'],
  ],
  [
    'crumbs of cookies become one field',
    ['cookie', 'a=1', 'x-a', '1', 'cookie', 'b=2; c=3'],
    {},
    ['host', 'gate.test', 'x-a', '1', 'cookie', 'a=1; b=2; c=3'],
  ],
  [
    'a body without a length is told as one',
    [],
    { hasBody: true },
    ['host', 'gate.test', 'transfer-encoding', 'chunked'],
  ],
  [
    'a body with a length has that',
    ['content-length', '5'],
    { hasBody: true },
    ['host', 'gate.test', 'content-length', '5'],
  ],
] as const) {
  test(what, () => {
    const head = said(more, options)
    assert.ok('rawHeaders' in head)
    assert.deepEqual(head.rawHeaders, fields)
  })
}

for (const [what, raw, code] of [
  ['a head over the limit', [...pseudo, 'x-a', 'a'.repeat(1_000)], 'headers-too-large'],
  ['an unknown method', [':method', 'FETCH', ...pseudo.slice(2)], 'malformed-request'],
  ['another scheme', [':method', 'GET', ':scheme', 'http', ...pseudo.slice(4)], 'malformed-request'],
  ['a space in the target', [...pseudo.slice(0, 4), ':path', '/a b', ':authority', 'gate.test'], 'malformed-request'],
] as const) {
  test(`refused: ${what}`, () => {
    const head = headOf(raw, { hasBody: false, bytesMax: 1_000 })
    assert.ok('refusal' in head && head.refusal instanceof Refusal)
    assert.equal(head.refusal.code, code)
  })
}
