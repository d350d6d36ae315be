import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { defaultSampler, goesOn, isSampled, spanIdOf, traceIdOf, traces, tracestateOf } from './traces.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const parentId = 'b7ad6b7169203331'
const ours = /^00-[\da-f]{32}-[\da-f]{16}-0[0-3]$/
const { join } = traces({ bytes: randomBytes }, defaultSampler)

for (const [what, theirs, flags] of [
  ['a sampled one', `00-${traceId}-${parentId}-01`, '01'],
  ['one that is not sampled', `00-${traceId}-${parentId}-00`, '00'],
  ['one that says its id is random', `00-${traceId}-${parentId}-03`, '03'],
  ['one with flags that nobody has defined', `00-${traceId}-${parentId}-ff`, '03'],
  ['one of a later version', `01-${traceId}-${parentId}-01`, '01'],
  ['one of a later version with more parts', `cc-${traceId}-${parentId}-03-what-comes.next`, '01'],
] as const) {
  test(`a trace goes on with its id, a new hop and only flags we know: ${what}`, () => {
    const next = join(theirs)
    assert.match(next, ours)
    assert.equal(traceIdOf(next), traceId)
    assert.notEqual(spanIdOf(next), parentId)
    assert.equal(next.slice(-2), flags)
    assert.equal(isSampled(next), flags !== '00')
    assert.ok(goesOn(next, theirs))
  })
}

for (const [what, theirs] of [
  ['none', undefined],
  ['an empty one', ''],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${parentId}-01`],
  ['a parent of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
  ['version ff', `ff-${traceId}-${parentId}-01`],
  ['more parts in version 00', `00-${traceId}-${parentId}-01-more`],
  ['a dash at the end of version 00', `00-${traceId}-${parentId}-01-`],
  ['parts without a dash in a later version', `01-${traceId}-${parentId}-01more`],
  ['upper case', `00-${traceId.toUpperCase()}-${parentId}-01`],
  ['a letter too few', `00-${traceId.slice(1)}-${parentId}-01`],
  ['a letter too many', `00-${traceId}0-${parentId}-01`],
  ['no flags', `00-${traceId}-${parentId}`],
  ['flags that are no number', `00-${traceId}-${parentId}-0x`],
  ['a space before it', ` 00-${traceId}-${parentId}-01`],
  ['two of them', `00-${traceId}-${parentId}-01, 00-${traceId}-${parentId}-01`],
] as const) {
  test(`a trace begins with us where there is ${what}`, () => {
    const next = join(theirs)
    assert.match(next, ours)
    assert.notEqual(traceIdOf(next), traceId)
    assert.equal(next.slice(-2), '03')
    assert.ok(!goesOn(next, theirs ?? ''))
  })
}

test('no two hops have the same id, nor two traces', () => {
  const all = Array.from({ length: 5_000 }, () => join(undefined))
  assert.equal(new Set(all.map(spanIdOf)).size, all.length)
  assert.equal(new Set(all.map(traceIdOf)).size, all.length)
})

test('a share of the traces is recorded, and every hop with that share decides the same', () => {
  const first = traces({ bytes: randomBytes }, { followsParent: false, ratio: 0.25 })
  const second = traces({ bytes: randomBytes }, { followsParent: false, ratio: 0.25 })
  const all = Array.from({ length: 4_000 }, () => first.join(undefined))
  const sampled = all.filter(isSampled)
  assert.ok(sampled.length > 800 && sampled.length < 1_200, `${sampled.length} of 4000`)
  assert.deepEqual(
    all.map((each) => isSampled(second.join(each))),
    all.map(isSampled),
  )
})

test('who follows the parent records what is recorded, whatever its own share is', () => {
  const none = traces({ bytes: randomBytes }, { followsParent: true, ratio: 0 })
  assert.ok(isSampled(none.join(`00-${traceId}-${parentId}-01`)))
  assert.ok(!isSampled(none.join(undefined)))
})

for (const [what, theirs, kept] of [
  ['nothing', '', false],
  ['one member', 'vendor=value', true],
  ['several, spaces and tenants', 'a=1, t1@v_2=b c;d:1 ,x*/-y=~', true],
  ['empty members', 'a=1,,b=2,', true],
  ['as much as is promised', `a=${'x'.repeat(254)},b=${'x'.repeat(253)}`, true],
  ['more characters', `a=${'x'.repeat(255)},b=${'x'.repeat(255)}`, false],
  ['as many members as there may be', Array.from({ length: 32 }, (_, n) => `k${n}=1`).join(), true],
  ['more members', Array.from({ length: 33 }, (_, n) => `k${n}=1`).join(), false],
  ['a key in upper case', 'A=1', false],
  ['no value', 'a=', false],
  ['no key', '=1', false],
  ['two equals signs', 'a=1=2', false],
  ['a control character', 'a=1\u0001', false],
] as const) {
  test(`a tracestate is kept whole or not at all: ${what}`, () => {
    assert.equal(tracestateOf(theirs), kept ? theirs : '')
  })
}
